import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { agentsContract } from './contract.ts';
import { environment, knownSandboxes, newPlace, type Place } from './fixtures.ts';
import { openAgents } from './open-agents.ts';
import type { AgentRun, Agents } from './port.ts';
import type { Sandbox } from './sandbox.ts';

const working = (await knownSandboxes()).find(({ found }) => found.found)?.sandbox;
const skip = working === undefined ? 'no sandbox works on this machine' : false;

const commands = { good: 'cat; echo said', bad: 'echo no; exit 7', hangs: 'sleep 1000' } as const;

function runIn({ workspace, scratch }: Place, run: string, change: Partial<AgentRun> = {}): AgentRun {
  return {
    ...{ id: 'run/1', reach: { kind: 'command', run, env: {} }, brief: 'the brief\n', workspace, scratch },
    ...{ tools: [], protectedPaths: ['QA/**'], unconfined: false, timeoutMs: 30_000, ...change },
  };
}

agentsContract(
  'commands',
  async () => {
    const place = await newPlace();
    const agents = await openAgents({ stateDir: place.stateDir, clock: systemClock, environment });
    return {
      agents,
      runOf: (does, change) => runIn(place, commands[does], change),
      close: () => agents.close().finally(() => place.remove()),
    };
  },
  { skip },
);

interface World extends Place {
  open(sandboxes?: readonly Sandbox[]): Promise<Agents>;
}

const inWorld = (does: (world: World) => Promise<void>) => async () => {
  const place = await newPlace();
  const opened: Agents[] = [];
  const open: World['open'] = async (sandboxes) => {
    const { stateDir } = place;
    const given = sandboxes === undefined ? {} : { sandboxes };
    const agents = await openAgents({ stateDir, clock: systemClock, environment, ...given });
    opened.push(agents);
    return agents;
  };
  await does({ ...place, open }).finally(async () => {
    for (const agents of opened) await agents.close();
    await place.remove();
  });
};

/** The content of a file that an agent writes; looked for until it is there, for ten seconds at most. */
async function written(path: string): Promise<string> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; await wait(10)) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text;
  }
  throw new Error(`${path} was not written`);
}

const closed = { code: 'agents-closed' };

describe('agents on a command line', () => {
  it(
    'are joined by the next controller, which finds their outcome',
    { skip },
    inWorld(async (world) => {
      const { workspace, open, stateDir } = world;
      const run = runIn(
        world,
        'echo x >> ran; until [ -e go ]; do sleep 0.02; done; echo "CONCERN: too easy"; exit 4',
      );
      const first = await open();
      const left = assert.rejects(first.run(run), closed);
      await written(join(workspace, 'ran'));
      await first.close();
      await left;
      const second = await open();
      const joined = second.run(run);
      await writeFile(join(workspace, 'go'), '');
      const outcome = await joined;
      assert.deepEqual(
        [outcome.ended, outcome.exitCode, outcome.words],
        ['failed', 4, 'CONCERN: too easy\n'],
      );
      assert.deepEqual(outcome.concerns, ['too easy']);
      assert.equal(await readFile(join(workspace, 'ran'), 'utf8'), 'x\n');
      assert.deepEqual(await readdir(join(stateDir, 'agents/files')), []);
      assert.deepEqual(await (await open()).run(run), outcome);
    }),
  );

  it(
    'are ended by a cancel of the next controller, and lost',
    { skip },
    inWorld(async (world) => {
      const run = runIn(world, 'echo x >> ran; sleep 1000');
      const first = await world.open();
      const left = assert.rejects(first.run(run), closed);
      await written(join(world.workspace, 'ran'));
      await first.close();
      await left;
      const second = await world.open();
      await second.cancel(run.id);
      const outcome = await second.run(run);
      assert.deepEqual([outcome.ended, outcome.reason], ['lost', 'It was cancelled.']);
      assert.equal(await readFile(join(world.workspace, 'ran'), 'utf8'), 'x\n');
    }),
  );

  it(
    'do not begin where nothing confines them, and say what to do; once something does, they may',
    inWorld(async (world) => {
      const run = runIn(world, 'echo x > ran');
      const letsThrough: Sandbox = {
        name: 'a sandbox that lets everything through',
        remedy: 'Mend it.',
        script: (_, command) => command,
      };
      const agents = await world.open([letsThrough]);
      const outcome = await agents.run(run);
      assert.equal(outcome.ended, 'unconfinable');
      assert.match(outcome.reason ?? '', /lets through what it should not.*Mend it\..*unconfined: true/s);
      assert.deepEqual(await readdir(world.workspace), ['.sluice']);
      await agents.close();
      const free = await (await world.open([letsThrough])).run({ ...run, unconfined: true });
      assert.equal(free.ended, 'done');
    }),
  );

  it(
    'do not begin where more files are protected one by one than can be held, and say so',
    { skip },
    inWorld(async (world) => {
      const names = Array.from({ length: 1_001 }, (_, index) => `${index}.md`);
      await Promise.all(names.map((name) => writeFile(join(world.workspace, name), '')));
      const agents = await world.open();
      const outcome = await agents.run(runIn(world, 'true', { protectedPaths: ['**/*.md'] }));
      assert.equal(outcome.ended, 'unconfinable');
      assert.match(outcome.reason ?? '', /1001 files.*Protect whole folders/);
      const few = await agents.run(runIn(world, 'rm -f 7.md', { protectedPaths: ['{1,2,3,7}*.md'] }));
      assert.deepEqual([few.ended, few.exitCode], ['failed', 1]);
    }),
  );

  it(
    'are not forgotten while they run, though nobody follows them; afterwards nothing is left',
    inWorld(async (world) => {
      const { open, stateDir, workspace } = world;
      const first = await open([]);
      const run = runIn(world, 'echo x >> ran; until [ -e go ]; do sleep 0.02; done', { unconfined: true });
      await first.run(runIn(world, 'true', { id: 'run/2', unconfined: true }));
      const left = assert.rejects(first.run(run), closed);
      await written(join(workspace, 'ran'));
      await first.close();
      await left;
      const second = await open([]);
      const old = { keep: new Set<string>(), olderThanMs: 60_000, at: Date.now() + 70_000 };
      // What a killed controller left of a model's command goes with its agent.
      await writeFile(join(stateDir, 'agents', 'files', 'run%2F2%2Fterminal-1.words.0'), 'x');
      assert.deepEqual(await second.prune(old), ['run/2']);
      assert.deepEqual((await readdir(join(stateDir, 'agents', 'files'))).sort(), [
        'run%2F1.input',
        'run%2F1.sh',
      ]);
      await writeFile(join(workspace, 'go'), '');
      const endMs = performance.now() + 10_000;
      for (let gone = await second.prune(old); gone.length === 0; gone = await second.prune(old)) {
        assert.ok(performance.now() < endMs, 'it is never forgotten');
        await wait(10);
      }
      const folders = ['files', 'records', 'commands', 'output'].map((name) =>
        join(stateDir, 'agents', name),
      );
      const remains = (await Promise.all(folders.map((folder) => readdir(folder)))).flat();
      assert.deepEqual(
        remains.filter((name) => !name.startsWith('begun.log')),
        [],
      );
    }),
  );

  it(
    'may do everything when they are unconfined, but see no credential of Sluice',
    inWorld(async (world) => {
      const agents = await world.open([]);
      const run = runIn(world, `env; echo x > ${world.root}/outside; cat`, { unconfined: true });
      const { ended, words } = await agents.run(run);
      assert.equal(ended, 'done');
      assert.equal(await readFile(join(world.root, 'outside'), 'utf8'), 'x\n');
      assert.match(words, /the brief\n$/);
      assert.doesNotMatch(words, /SLUICE_|secret/);
    }),
  );
});
