import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readTree, writeTree } from '../artifact/disk-tree.ts';
import { removeTree } from '../artifact/remove-tree.ts';
import { workspacesContract } from './contract.ts';
import { openWorkspaces } from './directory-workspaces.ts';

let top = '';
let worlds = 0;
before(async () => {
  top = await mkdtemp(join(tmpdir(), 'sluice-workspaces-'));
});
after(() => removeTree(top));

/** The state directory lies in the workspace, as it does in a project. */
async function newWorld() {
  worlds += 1;
  const root = join(top, `world-${worlds}`);
  const stateDir = join(root, '.sluice');
  await mkdir(stateDir, { recursive: true });
  await writeFile(join(stateDir, 'journal'), 'never touched');
  const contents = async () =>
    (await readdir(join(stateDir, 'workspaces', 'contents'), { recursive: true })).filter(
      (name) => name.length > 64,
    );
  return { root, stateDir, contents, workspaces: await openWorkspaces({ stateDir }) };
}

workspacesContract('directories', async () => {
  const { root, stateDir, workspaces } = await newWorld();
  return {
    root,
    workspaces,
    async set(tree) {
      for (const name of await readdir(root)) if (name !== '.sluice') await removeTree(join(root, name));
      await writeTree(root, tree);
    },
    async read() {
      assert.equal(await readFile(join(stateDir, 'journal'), 'utf8'), 'never touched');
      const tree = Object.entries((await readTree(root)) ?? {});
      return Object.fromEntries(tree.filter(([path]) => path.split('/')[0] !== '.sluice'));
    },
  };
});

describe('workspaces on a disk', () => {
  it('reads no file again that an earlier snapshot knows', async () => {
    const { root, workspaces, contents, stateDir } = await newWorld();
    await writeFile(join(root, 'old'), 'old');
    await settle(join(root, 'old'));
    await workspaces.snapshot('1', root);
    const [kept = ''] = await contents();
    const place = join(stateDir, 'workspaces', 'contents', kept);
    const inode = (await lstat(place)).ino;
    await (await openWorkspaces({ stateDir })).snapshot('2', root);
    assert.equal((await lstat(place)).ino, inode, 'read and kept anew');
    await rm(place);
    await workspaces.snapshot('3', root);
    assert.equal(await readFile(place, 'utf8'), 'old', 'a content that was lost is read again');
  });

  it('sees a change that keeps size and time of the file', async () => {
    const { root, workspaces } = await newWorld();
    const file = join(root, 'file');
    await writeFile(file, 'old');
    await settle(file);
    await workspaces.snapshot('1', root);
    const { atime, mtime } = await lstat(file);
    await writeFile(file, 'new');
    await utimes(file, atime, mtime);
    assert.deepEqual((await workspaces.restore('1', root)).restored, ['file']);
    assert.equal(await readFile(file, 'utf8'), 'old');
  });

  it('keeps names that are not UTF-8, and removes new ones', async () => {
    const { root, workspaces } = await newWorld();
    const name = (byte: number) => Buffer.concat([Buffer.from(`${root}/na`), Buffer.from([byte])]);
    await writeFile(name(0xff), 'kept');
    const { digest } = await workspaces.snapshot('1', root);
    await rename(name(0xff), name(0xfe));
    assert.equal((await workspaces.restore('1', root)).digest, digest);
    assert.equal(await readFile(name(0xff), 'utf8'), 'kept');
    await assert.rejects(lstat(name(0xfe)), { code: 'ENOENT' });
  });

  it('writes through no link and no second name of a file', async () => {
    const { root, workspaces } = await newWorld();
    const outside = join(top, 'outside');
    await mkdir(outside);
    await writeTree(root, {
      'd/f': { type: 'file', mode: 0o644, text: 'mine' },
      d: { type: 'dir', mode: 0o755 },
    });
    await writeFile(join(outside, 'f'), 'theirs');
    await workspaces.snapshot('1', root);
    await rm(join(root, 'd'), { recursive: true });
    await symlink(outside, join(root, 'd'));
    await link(join(outside, 'f'), join(root, 'g'));
    await workspaces.restore('1', root);
    assert.equal(await readFile(join(outside, 'f'), 'utf8'), 'theirs');
    assert.equal(await readFile(join(root, 'd', 'f'), 'utf8'), 'mine');
    assert.deepEqual((await readdir(root)).sort(), ['.sluice', 'd']);
    await rm(join(root, 'd', 'f'));
    await link(join(outside, 'f'), join(root, 'd', 'f'));
    await workspaces.restore('1', root);
    assert.equal(await readFile(join(outside, 'f'), 'utf8'), 'theirs');
  });

  it('puts a folder in the place of a link that took it, and follows none', async () => {
    const { stateDir } = await newWorld();
    const workspaces = await openWorkspaces({ stateDir });
    const [root, elsewhere] = [join(top, 'taken'), join(top, 'elsewhere')];
    await writeTree(root, { f: { type: 'file', mode: 0o644, text: 'mine' } });
    await writeTree(elsewhere, { f: { type: 'file', mode: 0o644, text: 'theirs' } });
    await workspaces.snapshot('1', root);
    await removeTree(root);
    await symlink(elsewhere, root);
    await workspaces.restore('1', root);
    assert.ok((await lstat(root)).isDirectory());
    assert.equal(await readFile(join(elsewhere, 'f'), 'utf8'), 'theirs');
    await removeTree(root);
    await workspaces.restore('1', root);
    assert.equal(await readFile(join(root, 'f'), 'utf8'), 'mine');
  });

  it('skips sockets and pipes: old ones stay, new ones go', async () => {
    const { root, workspaces } = await newWorld();
    const server = createServer().listen(join(root, 'socket'));
    await once(server, 'listening');
    assert.equal((await workspaces.snapshot('1', root)).files, 0);
    assert.equal(spawnSync('mkfifo', [join(root, 'pipe')]).status, 0);
    await workspaces.restore('1', root);
    assert.deepEqual((await readdir(root)).sort(), ['.sluice', 'socket']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('changes nothing when a content that is needed is damaged or lost', async () => {
    const { root, stateDir, workspaces, contents } = await newWorld();
    await writeFile(join(root, 'file'), 'precious');
    await workspaces.snapshot('1', root);
    await writeFile(join(root, 'file'), 'changed');
    await writeFile(join(root, 'new'), '');
    const [kept = ''] = await contents();
    const place = join(stateDir, 'workspaces', 'contents', kept);
    for (const damage of [() => writeFile(place, 'preciouS'), () => truncate(place, 0), () => rm(place)]) {
      await damage();
      await assert.rejects(
        workspaces.restore('1', root),
        (error: { code: string; message: string; remedy: string }) => {
          assert.equal(error.code, 'snapshot-damaged');
          assert.match(error.message, /file is (changed|missing)/);
          return error.remedy.length > 20;
        },
      );
      assert.equal(await readFile(join(root, 'file'), 'utf8'), 'changed');
      assert.deepEqual((await readdir(root)).sort(), ['.sluice', 'file', 'new']);
    }
  });

  it('tells a record that was cut or written over', async () => {
    const { root, stateDir, workspaces } = await newWorld();
    await writeFile(join(root, 'file'), 'precious');
    await workspaces.snapshot('a/b', root);
    const directory = join(stateDir, 'workspaces', 'snapshots');
    const [name = ''] = await readdir(directory);
    const text = await readFile(join(directory, name), 'utf8');
    for (const damaged of ['', text.slice(0, -3), text.replace('"file"', '"life"'), '{}\n\n']) {
      await writeFile(join(directory, name), damaged);
      await assert.rejects(workspaces.restore('a/b', root), { code: 'snapshot-damaged' });
    }
  });

  it('lets go only of contents that nobody else keeps', async () => {
    const { root, workspaces, contents } = await newWorld();
    await writeFile(join(root, 'both'), 'both');
    await workspaces.snapshot('1', root);
    await writeFile(join(root, 'second'), 'second');
    await workspaces.snapshot('2', root);
    assert.equal((await contents()).length, 2);
    await workspaces.forget('2');
    assert.equal((await contents()).length, 1);
    await workspaces.restore('1', root);
    assert.deepEqual((await readdir(root)).sort(), ['.sluice', 'both']);
  });

  it('lets go of no content while a snapshot is damaged, which stays', async () => {
    const { root, stateDir, workspaces, contents } = await newWorld();
    const directory = join(stateDir, 'workspaces', 'snapshots');
    for (const id of ['1', '2', '3']) {
      await writeFile(join(root, 'file'), id);
      await workspaces.snapshot(id, root);
    }
    const text = await readFile(join(directory, '2.snapshot'), 'utf8');
    await writeFile(join(directory, '2.snapshot'), text.slice(0, -3));
    assert.deepEqual(await workspaces.forget(['1', '2']), ['1']);
    assert.deepEqual((await readdir(directory)).sort(), ['2.snapshot', '3.snapshot']);
    assert.equal((await contents()).length, 3);
    await writeFile(join(directory, '2.snapshot'), text);
    assert.deepEqual(await workspaces.forget('3'), ['3']);
    assert.equal((await contents()).length, 1);
    await workspaces.restore('2', root);
  });

  it('tells ids of any length by names under which it lets go of them', async () => {
    const { root, workspaces } = await newWorld();
    const long = `W-1/${'x'.repeat(300)}`;
    await workspaces.snapshot(long, root);
    await workspaces.snapshot('W-1/A.1*', root);
    const ids = await workspaces.ids();
    assert.equal(ids.length, 2);
    assert.ok(ids.includes('W-1/A.1*') && ids.every((id) => id.startsWith('W-1/')));
    assert.deepEqual(await workspaces.forget([long, ...ids, 'W-1']), [long, 'W-1/A.1*']);
    await workspaces.snapshot(long, root);
    assert.equal((await workspaces.forget(await workspaces.ids())).length, 1);
  });

  it('refuses a folder that lies in the state directory, and one that is no folder', async () => {
    const { root, stateDir, workspaces } = await newWorld();
    await writeFile(join(root, 'file'), '');
    for (const place of [stateDir, join(stateDir, 'workspaces'), join(root, 'file'), join(root, 'nowhere')]) {
      await assert.rejects(workspaces.snapshot('1', place), { code: 'snapshot-failed' });
    }
  });

  it('goes on where a killed restore stopped', async () => {
    const { root, stateDir, workspaces } = await newWorld();
    for (let n = 0; n < 300; n += 1) {
      await mkdir(join(root, `d${n % 20}`), { recursive: true });
      await writeFile(join(root, `d${n % 20}`, `f${n}`), `text ${n}`);
    }
    await chmod(join(root, 'd3'), 0o555);
    const { digest } = await workspaces.snapshot('1', root);
    const program = `
      import { openWorkspaces } from ${JSON.stringify(import.meta.resolve('./directory-workspaces.ts'))};
      const workspaces = await openWorkspaces({ stateDir: ${JSON.stringify(stateDir)} });
      await workspaces.restore('1', ${JSON.stringify(root)});`;
    for (const seen of ['d10', 'd5']) {
      for (let n = 0; n < 20; n += 1) await removeTree(join(root, `d${n}`));
      await writeFile(join(root, 'd7'), 'in the way');
      const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
      const ended = once(child, 'exit');
      while (child.exitCode === null && !(await readdir(root)).includes(seen)) await setImmediate();
      child.kill('SIGKILL');
      assert.deepEqual(await ended, [null, 'SIGKILL'], 'it was killed in the middle');
      assert.equal((await workspaces.restore('1', root)).digest, digest);
      assert.equal(
        (await readdir(root, { recursive: true })).filter((name) => name.includes('restoring')).length,
        0,
      );
    }
  });

  it('takes a snapshot anew that was killed in the middle', async () => {
    const { root, stateDir, workspaces, contents } = await newWorld();
    for (let n = 0; n < 300; n += 1) await writeFile(join(root, `f${n}`), `text ${n}`);
    const program = `
      import { openWorkspaces } from ${JSON.stringify(import.meta.resolve('./directory-workspaces.ts'))};
      const workspaces = await openWorkspaces({ stateDir: ${JSON.stringify(stateDir)} });
      await workspaces.snapshot('1', ${JSON.stringify(root)});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    const ended = once(child, 'exit');
    while (child.exitCode === null && (await contents()).length < 20) await setImmediate();
    child.kill('SIGKILL');
    await ended;
    const { digest, files } = await workspaces.snapshot('1', root);
    assert.equal(files, 300);
    for (let n = 0; n < 300; n += 1) await rm(join(root, `f${n}`));
    assert.equal((await workspaces.restore('1', root)).digest, digest);
    await workspaces.forget('1');
    assert.deepEqual([await contents(), await readdir(join(stateDir, 'workspaces', 'staging'))], [[], []]);
  });

  it('follows links for digests only within the workspace, and round no circle', async () => {
    const { root, workspaces } = await newWorld();
    await writeTree(root, {
      'real/f.md': { type: 'file', mode: 0o644, text: 'one' },
      'real/up': { type: 'symlink', target: '../real' },
      docs: { type: 'symlink', target: 'real' },
      etc: { type: 'symlink', target: '/etc' },
      self: { type: 'symlink', target: 'self' },
    });
    const paths = async (glob: string) => [...(await workspaces.digests(root, [glob])).keys()];
    assert.deepEqual(await paths('docs/*.md'), ['docs/f.md']);
    assert.deepEqual(await paths('etc/**'), ['etc']);
    assert.deepEqual(await paths('etc/passwd'), []);
    assert.deepEqual(await paths('**/*.md'), ['docs/f.md', 'real/f.md']);
    assert.deepEqual(await paths('self'), ['self']);
    assert.deepEqual(await paths(`${root}/real/*.md`), ['real/f.md']);
    assert.deepEqual(await paths('.sluice/**'), []);
  });
});

/** Its times are made old enough to be trusted: waits, with a bound, until the file system counts it so. */
async function settle(path: string): Promise<void> {
  const { ctimeMs } = await lstat(path);
  const probe = `${path}.probe`;
  for (let round = 0; round < 100; round += 1) {
    await writeFile(probe, '');
    if ((await lstat(probe)).mtimeMs > ctimeMs + 2_100) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await rm(probe);
}
