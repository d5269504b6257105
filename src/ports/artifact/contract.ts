import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Digest, digestOfBytes } from '../../base/digest.ts';
import { parseServiceName, parseUnitId } from '../../base/ids.ts';
import type { Tree } from './memory.ts';
import type { ArtifactInput, ArtifactStore } from './port.ts';

/** A store and hands on the world around it. */
export interface ArtifactWorld {
  readonly store: ArtifactStore;
  /** Puts a tree where `add` can read it; returns the path. */
  writeInput(tree: Tree): Promise<string>;
  /** What lies in a materialised directory; null when it is gone. */
  readDirectory(directory: string): Promise<Tree | null>;
  /** Changes what lies in a materialised directory, as a process in it could. */
  writeDirectory(directory: string, tree: Tree): Promise<void>;
  /** Changes one byte of a stored file, or removes it. */
  damage(text: string, how: 'change' | 'remove'): Promise<void>;
}

const web = parseServiceName('web');
const worker = parseServiceName('worker');
export const u42 = parseUnitId('U-42');
export const u43 = parseUnitId('U-43');

export const sampleTree: Tree = {
  assets: { type: 'dir', mode: 0o755 },
  'assets/größe ✓.txt': { type: 'file', mode: 0o644, text: 'weiß' },
  current: { type: 'symlink', target: 'assets/größe ✓.txt' },
  empty: { type: 'dir', mode: 0o750 },
  'package.json': { type: 'file', mode: 0o640, text: '{"version":"1.4.2"}' },
  'start.sh': { type: 'file', mode: 0o755, text: '#!/bin/sh\n' },
};

export function artifactInput(path: string, over: Partial<ArtifactInput> = {}): ArtifactInput {
  const commit = 'a'.repeat(40);
  return {
    path,
    service: web,
    unit: u42,
    version: null,
    commit,
    dirty: false,
    at: 1_000,
    by: 'ann',
    ...over,
  };
}

/** What every artifact store does. `open` gives a new, empty world; whoever opens it cleans it up. */
export function artifactStoreContract(name: string, open: () => Promise<ArtifactWorld>): void {
  const added = async (tree: Tree = sampleTree, over: Partial<ArtifactInput> = {}) => {
    const world = await open();
    const path = await world.writeInput(tree);
    return { ...world, path, record: await world.store.add(artifactInput(path, over)) };
  };

  describe(`${name} as an artifact store`, () => {
    it('records what was added and finds it by its digest', async () => {
      const { store, record } = await added();
      assert.deepEqual(await store.find(record.digest), record);
      const { files, bytes, version, units, commit, dirty, addedAt, addedBy } = record;
      assert.deepEqual(
        { files, bytes, version, units, commit, dirty, addedAt, addedBy },
        {
          ...{ files: 3, bytes: 34, version: '1.4.2', units: [u42], commit: 'a'.repeat(40), dirty: false },
          ...{ addedAt: 1_000, addedBy: 'ann' },
        },
      );
      assert.deepEqual(await store.verify(record.digest), { ok: true });
    });

    it('gives one digest to one content and others to others', async () => {
      const { store, writeInput, record } = await added();
      const again = await store.add(artifactInput(await writeInput(sampleTree), { unit: u43 }));
      assert.equal(again.digest, record.digest);
      const changes: readonly Tree[] = [
        { ...sampleTree, 'start.sh': { type: 'file', mode: 0o755, text: '#!/bin/sh ' } },
        { ...sampleTree, 'start.sh': { type: 'file', mode: 0o744, text: '#!/bin/sh\n' } },
        { ...sampleTree, empty: { type: 'dir', mode: 0o755 } },
        { ...sampleTree, current: { type: 'symlink', target: 'start.sh' } },
        { ...sampleTree, more: { type: 'dir', mode: 0o755 } },
      ];
      const digests = new Set<Digest>([record.digest]);
      for (const tree of changes)
        digests.add((await store.add(artifactInput(await writeInput(tree)))).digest);
      assert.equal(digests.size, changes.length + 1);
    });

    it('only records the unit when the same content is added again', async () => {
      const { store, path, record } = await added();
      const later = { unit: u43, at: 2_000, by: 'bob', commit: 'b'.repeat(40) };
      const again = await store.add(artifactInput(path, later));
      assert.deepEqual(again, { ...record, units: [u42, u43] });
      assert.deepEqual(await store.find(record.digest), again);
    });

    it('lets a clean commit of the same bytes take the place of a dirty one, never the other way', async () => {
      const { store, path, record } = await added(sampleTree, { dirty: true });
      assert.equal(record.dirty, true);
      const clean = await store.add(artifactInput(path, { commit: 'b'.repeat(40), at: 2_000 }));
      assert.deepEqual([clean.commit, clean.dirty, clean.addedAt], ['b'.repeat(40), false, 1_000]);
      const dirtyAgain = await store.add(artifactInput(path, { dirty: true, at: 3_000 }));
      assert.deepEqual(dirtyAgain, clean);
    });

    it('lists the newest first, by service and unit', async () => {
      const { store, writeInput, path, record } = await added();
      const other = await writeInput({ x: { type: 'file', mode: 0o644, text: 'x' } });
      const newer = await store.add(artifactInput(other, { service: worker, unit: u43, at: 5_000 }));
      await store.add(artifactInput(path, { service: worker, at: 9_000 }));
      const digests = async (filter: Parameters<ArtifactStore['list']>[0]) =>
        (await store.list(filter)).map((one) => [one.digest, one.service]);
      assert.deepEqual(await digests({}), [
        [newer.digest, worker],
        [record.digest, web],
      ]);
      assert.deepEqual(await digests({ service: worker }), [
        [record.digest, worker],
        [newer.digest, worker],
      ]);
      assert.deepEqual(await digests({ unit: u43 }), [[newer.digest, worker]]);
      assert.deepEqual(await digests({ service: web, unit: u43 }), []);
    });

    it('knows nothing of a digest that was never added', async () => {
      const { store } = await open();
      const digest = digestOfBytes('nothing');
      assert.equal(await store.find(digest), null);
      const verified = await store.verify(digest);
      assert.equal(verified.ok ? '' : verified.code, 'artifact-missing');
      await assert.rejects(store.materialise(digest, 'R-1-0'), { code: 'artifact-missing' });
      await store.release('R-1-0');
    });

    it('refuses nothing at the path, an empty directory, and links that lead out', async () => {
      const { store, writeInput } = await open();
      await assert.rejects(store.add(artifactInput('/no/such/path')), { code: 'artifact-path-missing' });
      await assert.rejects(store.add(artifactInput(await writeInput({}))), { code: 'artifact-empty' });
      for (const target of ['../x', '/etc/passwd', 'a/../../x', './/..']) {
        const path = await writeInput({ out: { type: 'symlink', target } });
        await assert.rejects(store.add(artifactInput(path)), { code: 'artifact-link-escapes' }, target);
      }
      assert.deepEqual(await store.list({}), []);
    });

    it('materialises exactly the content, the same directory each time', async () => {
      const { store, record, readDirectory } = await added();
      const directory = await store.materialise(record.digest, 'R-1-0');
      assert.deepEqual(await readDirectory(directory), sampleTree);
      assert.equal(await store.materialise(record.digest, 'R-1-0'), directory);
      assert.notEqual(await store.materialise(record.digest, 'R-1-1'), directory);
      await store.release('R-1-0');
      await store.release('R-1-0');
      assert.equal(await readDirectory(directory), null);
    });

    it('repairs a directory, and what one instance writes reaches neither the store nor another', async () => {
      const { store, record, readDirectory, writeDirectory } = await added();
      const directory = await store.materialise(record.digest, 'R-1-0');
      const other = await store.materialise(record.digest, 'R-1-1');
      await writeDirectory(directory, {
        'start.sh': { type: 'file', mode: 0o755, text: '#!/bin/zz\n' },
        'extra.log': { type: 'file', mode: 0o644, text: 'mine' },
      });
      assert.deepEqual(await store.verify(record.digest), { ok: true });
      assert.deepEqual(await readDirectory(other), sampleTree);
      await store.materialise(record.digest, 'R-1-0');
      assert.deepEqual(await readDirectory(directory), sampleTree);
    });

    for (const [how, code] of [
      ['change', 'artifact-changed'],
      ['remove', 'artifact-missing'],
    ] as const) {
      it(`tells ${code} after "${how}" of a stored file, and adding again heals it`, async () => {
        const { store, record, damage, path } = await added();
        await damage('weiß', how);
        const verified = await store.verify(record.digest);
        assert.ok(!verified.ok);
        assert.equal(verified.code, code);
        assert.match(verified.reason, /assets\/größe ✓\.txt/);
        await assert.rejects(store.materialise(record.digest, 'R-1-0'), { code });
        await store.add(artifactInput(path));
        assert.deepEqual(await store.verify(record.digest), { ok: true });
      });
    }

    it('prunes what is neither kept nor young, and leaves shared files alone', async () => {
      const { store, writeInput, record } = await added();
      const sharing = { ...sampleTree, more: { type: 'file', mode: 0o644, text: 'more' } } as const;
      const kept = await store.add(artifactInput(await writeInput(sharing)));
      const young = await store.add(
        artifactInput(await writeInput({ y: { type: 'file', mode: 0o644, text: 'y' } }), { at: 9_500 }),
      );
      const options = { keep: new Set([kept.digest]), olderThanMs: 1_000, at: 10_000 };
      assert.deepEqual(await store.prune(options), [record.digest]);
      assert.deepEqual(await store.prune(options), []);
      assert.equal(await store.find(record.digest), null);
      assert.equal((await store.verify(record.digest)).ok, false);
      for (const { digest } of [kept, young]) assert.deepEqual(await store.verify(digest), { ok: true });
      assert.deepEqual(await store.prune({ ...options, at: 10_500 }), [young.digest]);
    });
  });
}
