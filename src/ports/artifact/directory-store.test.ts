import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../base/clock.ts';
import { digestOfBytes } from '../../base/digest.ts';
import { parseUnitId } from '../../base/ids.ts';
import { artifactInput, artifactStoreContract, sampleTree, u42, u43 } from './contract.ts';
import { openArtifactStore } from './directory-store.ts';
import { overwrite, readTree, writeTree } from './disk-tree.ts';
import type { Tree } from './memory.ts';
import { removeTree } from './remove-tree.ts';

const home = await mkdtemp(join(tmpdir(), 'sluice-artifact-'));
after(() => removeTree(home));
let worlds = 0;

async function openWorld() {
  worlds += 1;
  const place = join(home, String(worlds));
  const stateDir = join(place, 'state');
  const store = openArtifactStore({ stateDir, clock: systemClock });
  let inputs = 0;
  return {
    place,
    stateDir,
    store,
    async writeInput(tree: Tree) {
      inputs += 1;
      await writeTree(join(place, `input-${inputs}`), tree);
      return join(place, `input-${inputs}`);
    },
    readDirectory: readTree,
    writeDirectory: overwrite,
    async damage(text: string, how: 'change' | 'remove') {
      const path = blobPath(stateDir, text);
      if (how === 'remove') await rm(path);
      else await writeFile(path, `${text.slice(0, -1)}?`);
    },
  };
}

function blobPath(stateDir: string, text: string): string {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return join(stateDir, 'artifacts', 'blobs', sha256.slice(0, 2), sha256);
}

const file = (text: string, mode = 0o644) => ({ type: 'file', mode, text }) as const;

artifactStoreContract('the directory store', openWorld);

describe('the directory store', () => {
  it('names an artifact by the SHA-256 of its canonical manifest, sorted by bytes and not by code units', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    // U+FF5E comes before U+1F600 in UTF-8 and after it in UTF-16.
    const path = await writeInput({
      '\u{1F600}': file('1'),
      '\uFF5E': file('2'),
      a: file('3'),
      'a-b': file('4'),
    });
    const { digest } = await store.add(artifactInput(path));
    const text = await readFile(join(stateDir, 'artifacts', 'manifests', `${digest.slice(7)}.json`), 'utf8');
    assert.equal(digestOfBytes(text), digest);
    const { entries } = JSON.parse(text) as { entries: { path: string }[] };
    assert.deepEqual(
      entries.map((entry) => entry.path),
      ['a', 'a-b', '\uFF5E', '\u{1F600}'],
    );
  });

  it('stores a single file as the tree that holds only it', async () => {
    const { store, writeInput } = await openWorld();
    const path = await writeInput({ 'app.js': file('serve()', 0o755) });
    const { digest, files } = await store.add(artifactInput(join(path, 'app.js')));
    assert.equal(digest, (await store.add(artifactInput(path))).digest);
    assert.equal(files, 1);
    assert.deepEqual(await readTree(await store.materialise(digest, 'R-1')), {
      'app.js': file('serve()', 0o755),
    });
  });

  it('follows the path it is given, and no link below it', async () => {
    const { store, place, writeInput } = await openWorld();
    await symlink(await writeInput(sampleTree), join(place, 'dist'));
    const { digest } = await store.add(artifactInput(join(place, 'dist')));
    assert.deepEqual(await readTree(await store.materialise(digest, 'R-1')), sampleTree);
  });

  it('refuses a link that climbs out by way of another link', async () => {
    const { store, writeInput } = await openWorld();
    const path = await writeInput({
      'a/b/up': { type: 'symlink', target: '../..' },
      out: { type: 'symlink', target: 'a/b/up/..' },
    });
    await assert.rejects(store.add(artifactInput(path)), { code: 'artifact-link-escapes' });
  });

  it('refuses pipes and sockets without waiting on them', async () => {
    const { store, writeInput, place } = await openWorld();
    const path = await writeInput({ a: file('a') });
    execFileSync('mkfifo', [join(path, 'pipe')]);
    await assert.rejects(store.add(artifactInput(path)), { code: 'artifact-special-file' });
    execFileSync('mkfifo', [join(place, 'alone')]);
    await assert.rejects(store.add(artifactInput(join(place, 'alone'))), { code: 'artifact-special-file' });
  });

  it('refuses a name that is not UTF-8', async () => {
    const { store, writeInput } = await openWorld();
    const path = await writeInput({ a: file('a') });
    await writeFile(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff, 0x61])]), 'x');
    await assert.rejects(store.add(artifactInput(path)), { code: 'artifact-name-unusable' });
  });

  it('names a file that may not be read', {
    skip: process.getuid?.() === 0 && 'root reads all',
  }, async () => {
    const { store, writeInput } = await openWorld();
    const path = await writeInput({ a: file('a', 0) });
    await assert.rejects(store.add(artifactInput(path)), { code: 'artifact-unreadable', message: /\/a / });
  });

  it('refuses a directory that holds its own state', async () => {
    const { store, place } = await openWorld();
    await mkdir(join(place, 'state'), { recursive: true });
    await assert.rejects(store.add(artifactInput(place)), { code: 'artifact-holds-state' });
  });

  it('refuses a file that somebody still writes to, and keeps nothing of it', async () => {
    const { store, writeInput, stateDir } = await openWorld();
    const path = await writeInput({ big: file('0123456789abcdef'.repeat(2_000_000)) });
    const writer = spawn(process.execPath, [
      '-e',
      `const fs=require('node:fs'),f=fs.openSync(process.argv[1],'r+');let n=0;
       const write=()=>{fs.writeSync(f,String(n++),5);setImmediate(write)};write();console.log('writing')`,
      join(path, 'big'),
    ]);
    try {
      await once(writer.stdout, 'data');
      await assert.rejects(store.add(artifactInput(path)), { code: 'artifact-unstable' });
    } finally {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
    }
    assert.deepEqual(await readdir(join(stateDir, 'artifacts', 'staging')), []);
    assert.deepEqual(await store.list({}), []);
  });

  it('lets many adds of shared content run at once', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    const other = openArtifactStore({ stateDir, clock: systemClock });
    const path = await writeInput(sampleTree);
    const units = Array.from({ length: 12 }, (_, index) => parseUnitId(`U-${index + 10}`));
    const records = await Promise.all(
      units.map((unit, index) => (index % 2 ? store : other).add(artifactInput(path, { unit, at: index }))),
    );
    const digest = records[0]?.digest ?? digestOfBytes('');
    assert.deepEqual((await store.find(digest))?.units, units);
    assert.deepEqual(await store.verify(digest), { ok: true });
  });

  it('keeps its own files to the user that runs it', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    const { digest } = await store.add(artifactInput(await writeInput(sampleTree)));
    const directory = await store.materialise(digest, 'R-1');
    for (const path of [
      stateDir,
      join(stateDir, 'artifacts'),
      join(stateDir, 'artifacts', 'blobs'),
      directory,
    ]) {
      assert.equal((await stat(path)).mode & 0o777, 0o700, path);
    }
  });

  it('finds a manifest that was changed', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    const { digest } = await store.add(artifactInput(await writeInput(sampleTree)));
    const path = join(stateDir, 'artifacts', 'manifests', `${digest.slice(7)}.json`);
    await writeFile(path, (await readFile(path, 'utf8')).replace('start.sh', 'stark.sh'));
    const verified = await store.verify(digest);
    assert.equal(verified.ok ? '' : verified.code, 'artifact-changed');
    await assert.rejects(store.materialise(digest, 'R-1'), { code: 'artifact-changed' });
  });

  it('tells which record cannot be read, and adding again heals it', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    const path = await writeInput(sampleTree);
    const { digest } = await store.add(artifactInput(path));
    const folder = join(stateDir, 'artifacts', 'records', digest.slice(7));
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), '{"dig');
    await assert.rejects(store.find(digest), { code: 'artifact-record-broken' });
    await store.add(artifactInput(path));
    assert.deepEqual((await store.find(digest))?.units, [u42]);
  });

  it('keeps the directory itself while it repairs, so that a process in it stays in it', async () => {
    const { store, writeInput } = await openWorld();
    const { digest } = await store.add(artifactInput(await writeInput(sampleTree)));
    const directory = await store.materialise(digest, 'R-1');
    const before = await stat(directory);
    await chmod(join(directory, 'start.sh'), 0o600);
    await store.materialise(digest, 'R-1');
    assert.equal((await stat(directory)).ino, before.ino);
    assert.deepEqual(await readTree(directory), sampleTree);
  });

  it('never writes through a link that a process left in its directory', async () => {
    const { store, place, writeInput } = await openWorld();
    const { digest } = await store.add(artifactInput(await writeInput(sampleTree)));
    const directory = await store.materialise(digest, 'R-1');
    const outside = join(place, 'outside');
    await writeTree(outside, { 'größe ✓.txt': file('precious'), other: file('precious') });
    await rename(join(directory, 'assets'), join(directory, 'moved'));
    await symlink(outside, join(directory, 'assets'));
    await rm(join(directory, 'start.sh'));
    await symlink(join(outside, 'other'), join(directory, 'start.sh'));
    await store.materialise(digest, 'R-1');
    assert.deepEqual(await readTree(outside), { other: file('precious'), 'größe ✓.txt': file('precious') });
    assert.deepEqual(await readTree(directory), sampleTree);
    await rm(directory, { recursive: true });
    await symlink(outside, directory);
    await store.materialise(digest, 'R-1');
    assert.deepEqual(await readTree(directory), sampleTree);
    assert.equal((await lstat(directory)).isDirectory(), true);
    assert.deepEqual(await readdir(outside), ['größe ✓.txt', 'other'].sort());
  });

  it('keeps and removes directories that nobody may write to', async () => {
    const tree: Tree = {
      ro: { type: 'dir', mode: 0o555 },
      'ro/sub': { type: 'dir', mode: 0o500 },
      'ro/sub/x': file('x', 0o444),
    };
    const { store, writeInput } = await openWorld();
    const { digest } = await store.add(artifactInput(await writeInput(tree)));
    const directory = await store.materialise(digest, 'R-1');
    assert.deepEqual(await readTree(directory), tree);
    await store.materialise(digest, 'R-1');
    assert.deepEqual(await readTree(directory), tree);
    await store.release('R-1');
    assert.equal(await readTree(directory), null);
  });

  it('refuses instance names that are paths', async () => {
    const { store } = await openWorld();
    for (const instance of ['../x', '', '.', '..', 'a/b', '/etc', '.making-x']) {
      await assert.rejects(store.release(instance), { code: 'artifact-instance-malformed' });
    }
  });

  it('clears away what a crashed add left, once it is old', async () => {
    const { store, stateDir } = await openWorld();
    const left = join(stateDir, 'artifacts', 'staging', crypto.randomUUID());
    const young = join(stateDir, 'artifacts', 'staging', crypto.randomUUID());
    for (const path of [left, young]) await mkdir(path, { recursive: true });
    await utimes(left, 1, 1);
    await store.prune({ keep: new Set(), olderThanMs: 0, at: 0 });
    assert.deepEqual(await readdir(join(stateDir, 'artifacts', 'staging')), [young.split('/').at(-1)]);
  });

  it('sweeps the files of a pruned artifact from the disk', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    const { digest } = await store.add(artifactInput(await writeInput({ a: file('gone') })));
    await store.add(artifactInput(await writeInput({ b: file('stays') }), { unit: u43, at: 5_000 }));
    assert.deepEqual(await store.prune({ keep: new Set(), olderThanMs: 1_000, at: 5_000 }), [digest]);
    await assert.rejects(lstat(blobPath(stateDir, 'gone')), { code: 'ENOENT' });
    await lstat(blobPath(stateDir, 'stays'));
  });
});

describe('any tree', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed());
  const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o700, 0o775);
  const plain = { noNullPrototype: true };
  const leaf = fc.oneof(
    fc.record({ type: fc.constant('file' as const), mode, text: fc.string({ unit: 'grapheme' }) }, plain),
    fc.record({ type: fc.constant('dir' as const), mode: fc.constantFrom(0o755, 0o700, 0o750) }, plain),
    fc.record({ type: fc.constant('symlink' as const), target: name }, plain),
  );
  const tree = fc
    .dictionary(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
      leaf,
      { minKeys: 1, maxKeys: 8 },
    )
    .map((nodes) => {
      const whole: Record<string, Tree[string]> = Object.create(null);
      for (const [path, node] of Object.entries(nodes)) {
        const above = path
          .split('/')
          .slice(0, -1)
          .map((_, index, names) => names.slice(0, index + 1).join('/'));
        if (above.some((one) => whole[one] !== undefined && whole[one].type !== 'dir')) continue;
        for (const one of above) whole[one] ??= { type: 'dir', mode: 0o755 };
        whole[path] ??= node;
      }
      return whole as Tree;
    });

  it('comes back as it went in, and any one changed byte is found', async () => {
    const { store, stateDir, writeInput } = await openWorld();
    let instance = 0;
    await fc.assert(
      fc.asyncProperty(tree, fc.nat(), fc.integer({ min: 1, max: 255 }), async (nodes, where, flip) => {
        instance += 1;
        const { digest } = await store.add(artifactInput(await writeInput(nodes)));
        const directory = await store.materialise(digest, `R-${instance}`);
        assert.deepEqual(
          Object.entries((await readTree(directory)) ?? {}).sort(),
          Object.entries(nodes).sort(),
        );
        const texts = Object.values(nodes).flatMap((node) =>
          node.type === 'file' && node.text !== '' ? [node.text] : [],
        );
        const text = texts[where % Math.max(1, texts.length)];
        if (text === undefined) return;
        const path = blobPath(stateDir, text);
        const bytes = await readFile(path);
        const changed = Buffer.from(bytes);
        changed[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ flip;
        await writeFile(path, changed);
        const verified = await store.verify(digest);
        assert.equal(verified.ok ? 'ok' : verified.code, 'artifact-changed');
        await writeFile(path, bytes);
      }),
      { numRuns: 60 },
    );
  });
});
