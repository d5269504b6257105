import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { ConfinedCommands } from './confined-commands.ts';
import { environment, knownSandboxes, newPlace, type Place, runningAs } from './fixtures.ts';
import type { Sandbox } from './sandbox.ts';

interface World extends Place {
  /** Runs a command of the agent's and gives what it printed. */
  run(command: string, timeoutMs?: number): Promise<{ exitCode: number | null; output: string }>;
}

const protectedPaths = ['QA/**', '*.bindings.yml', 'docs/deep/plan.md'];

function inWorld(sandbox: Sandbox, does: (world: World) => Promise<void>) {
  return async () => {
    const place = await newPlace();
    const { workspace, scratch, stateDir } = place;
    const commands = await ConfinedCommands.open({
      stateDir,
      clock: systemClock,
      environment,
      sandboxes: [sandbox],
    });
    let count = 0;
    const run: World['run'] = async (command, timeoutMs = 60_000) => {
      count += 1;
      const order = {
        ...{ id: `run/${count}`, run: command, input: 'the brief\n', env: { MINE: '1', SLUICE_X: '2' } },
        ...{ workspace, scratch, protectedPaths, unconfined: false, timeoutMs },
      };
      await commands.prepare(order);
      return commands.run(order);
    };
    await does({ ...place, run }).finally(async () => {
      await commands.close();
      await place.remove();
    });
  };
}

for (const { sandbox, found } of await knownSandboxes()) {
  const skip = found.found ? false : `${sandbox.name} does not work on this machine: ${found.reason}`;
  const flood = sandbox.name === 'bubblewrap' ? 1_000_000_000 : 50_000_000;
  describe(`a command within ${sandbox.name}`, { skip }, () => {
    it(
      'reads its brief, writes in the workspace and the scratch folder, and tells its exit code',
      inWorld(sandbox, async ({ run, workspace, scratch }) => {
        const outcome = await run(
          'cat; pwd; echo a > made; echo b > "$SCRATCH_DIR/kept"; echo c > /tmp/own || true; exit 5',
        );
        assert.deepEqual([outcome.exitCode, outcome.output], [5, `the brief\n${workspace}\n`]);
        assert.equal(await readFile(join(workspace, 'made'), 'utf8'), 'a\n');
        assert.equal(await readFile(join(scratch, 'kept'), 'utf8'), 'b\n');
      }),
    );

    it(
      'cannot write outside, by no path and through no link',
      inWorld(sandbox, async ({ run, root, workspace }) => {
        await writeFile(join(root, 'outside'), 'as it was\n');
        await chmod(root, 0o777);
        await symlink(join(root, 'outside'), join(workspace, 'link'));
        await symlink(root, join(workspace, 'up'));
        await run(`echo x > ${root}/outside; echo x > link; echo x > up/outside; echo x > up/new; echo x > ../new2
          ln -s / all; echo x > all${root}/new3; ln -f ${root}/outside hard && echo x > hard; rm -rf up/outside`);
        assert.equal(await readFile(join(root, 'outside'), 'utf8'), 'as it was\n');
        assert.deepEqual((await readdir(root)).sort(), ['outside', 'project']);
      }),
    );

    it(
      'cannot change, replace, remove or move away what is protected, nor add to a protected folder',
      inWorld(sandbox, async ({ run, workspace }) => {
        await mkdir(join(workspace, 'QA'));
        await mkdir(join(workspace, 'docs/deep'), { recursive: true });
        const files = ['QA/report.md', 'deploy.bindings.yml', 'docs/deep/plan.md'];
        for (const file of files) await writeFile(join(workspace, file), 'as it was\n');
        const tries = files.map(
          (file) => `echo x > ${file}; echo x > n; mv -f n ${file}; rm -f ${file}; mv ${file} gone`,
        );
        await run(`${tries.join('\n')}
          echo x > QA/new.md; mv QA QA2; rm -rf QA docs; mv docs/deep docs/other; mv docs other; mount -o remount,bind,rw QA; umount QA
          unshare --user --map-root-user --mount sh -c 'umount QA; mount -o remount,bind,rw QA; echo x > QA/report.md; mount --bind . /mnt && echo x > /mnt/QA/report.md'`);
        for (const file of files)
          assert.equal(await readFile(join(workspace, file), 'utf8'), 'as it was\n', file);
        assert.deepEqual(await readdir(join(workspace, 'QA')), ['report.md']);
      }),
    );

    it(
      'cannot plant what git runs for others',
      inWorld(sandbox, async ({ run, workspace }) => {
        await mkdir(join(workspace, '.git/hooks'), { recursive: true });
        await writeFile(join(workspace, '.git/config'), '[core]\n');
        await run(
          'echo "fsmonitor=evil" >> .git/config; echo evil > .git/hooks/post-checkout; echo ref > .git/HEAD',
        );
        assert.equal(await readFile(join(workspace, '.git/config'), 'utf8'), '[core]\n');
        assert.deepEqual(await readdir(join(workspace, '.git/hooks')), []);
        assert.equal(await readFile(join(workspace, '.git/HEAD'), 'utf8'), 'ref\n');
      }),
    );

    it(
      'sees nothing of the state directory but its scratch folder, and no credential',
      inWorld(sandbox, async ({ run, stateDir }) => {
        await writeFile(join(stateDir, 'journal'), 'secret\n');
        const { output } = await run('cat .sluice/journal; ls -A .sluice; echo x > .sluice/planted; env');
        assert.doesNotMatch(output, /secret|^journal$|SLUICE_/m);
        assert.match(output, /^MINE=1$/m);
        assert.equal(await readFile(join(stateDir, 'planted'), 'utf8').catch(() => 'none'), 'none');
      }),
    );

    it(
      'leaves no process behind that went into a session of its own',
      { skip: process.platform === 'linux' ? false : 'only Linux ends what left its process group' },
      inWorld(sandbox, async ({ run, workspace }) => {
        const name = `sluice-daemon-${process.pid}`;
        await writeFile(join(workspace, name), '#!/bin/sh\ntrap "" TERM HUP\nwhile :; do sleep 1; done\n', {
          mode: 0o755,
        });
        const { output } = await run(`setsid -f ./${name} >/dev/null 2>&1; echo began`);
        assert.equal(output, 'began\n');
        assert.deepEqual(await runningAs(name), []);
      }),
    );

    it(
      `keeps the tail of ${flood} bytes`,
      { timeout: 120_000 },
      inWorld(sandbox, async ({ run, stateDir }) => {
        const outcome = await run(`head -c ${flood} /dev/zero | tr "\\0" x; echo; echo the end`, 100_000);
        assert.equal(outcome.exitCode, 0);
        assert.equal(Buffer.byteLength(outcome.output), 65_536);
        assert.match(outcome.output, /xx\nthe end\n$/);
        const kept = await readdir(join(stateDir, 'agents/files'));
        const sizes = await Promise.all(
          kept.map(async (name) => (await stat(join(stateDir, 'agents/files', name))).size),
        );
        assert.ok(sizes.reduce((sum, size) => sum + size) < 13 * 2 ** 20, String(sizes));
      }),
    );

    it(
      'is ended at its timeout, even when it ignores the request to end, and hangs in all it started',
      inWorld(sandbox, async ({ run }) => {
        const started = performance.now();
        const outcome = await run(
          'trap "" TERM; setsid sleep 1001 & sleep 1001 & echo $$; while :; do sleep 1; done',
          1_000,
        );
        assert.equal(outcome.exitCode, null);
        assert.match(outcome.output, /^\d+\n/);
        assert.ok(performance.now() - started < 15_000);
        assert.deepEqual(await runningAs('sleep 1001'), []);
      }),
    );

    it(
      'may end without reading its brief',
      inWorld(sandbox, async ({ run }) => {
        assert.equal((await run('exit 0')).exitCode, 0);
        // 126 where a folder of the path may not be searched.
        assert.match(String((await run('exec nosuchprogram')).exitCode), /^12[67]$/);
      }),
    );
  });
}
