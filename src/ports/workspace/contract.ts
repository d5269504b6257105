import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tree } from '../artifact/memory.ts';
import type { Workspaces } from './port.ts';

/** Workspaces, one folder, and hands on it. */
export interface WorkspaceWorld {
  readonly workspaces: Workspaces;
  readonly root: string;
  /** Makes the folder hold this and nothing else. */
  set(tree: Tree): Promise<void>;
  read(): Promise<Tree>;
}

const sample: Tree = {
  QA: { type: 'dir', mode: 0o755 },
  'QA/.hidden': { type: 'file', mode: 0o600, text: 'x' },
  'QA/report.md': { type: 'file', mode: 0o644, text: 'approved' },
  'QA/sub': { type: 'dir', mode: 0o755 },
  'QA/sub/deep.md': { type: 'file', mode: 0o644, text: 'deep' },
  'a b ✓.txt': { type: 'file', mode: 0o640, text: 'weiß' },
  current: { type: 'symlink', target: 'QA/report.md' },
  empty: { type: 'dir', mode: 0o750 },
  'run.sh': { type: 'file', mode: 0o755, text: '#!/bin/sh\n' },
};

const changed: Tree = {
  QA: { type: 'file', mode: 0o644, text: 'a folder no more' },
  'a b ✓.txt': { type: 'file', mode: 0o644, text: 'schwarz' },
  current: { type: 'dir', mode: 0o755 },
  'current/new.txt': { type: 'file', mode: 0o644, text: 'new' },
  'run.sh': { type: 'file', mode: 0o644, text: '#!/bin/sh\n' },
};

/** What all workspaces do. `open` gives a new, empty world; whoever opens it cleans it up. */
export function workspacesContract(name: string, open: () => Promise<WorkspaceWorld>): void {
  const opened = async () => {
    const world = await open();
    await world.set(sample);
    return { ...world, kept: await world.workspaces.snapshot('S', world.root) };
  };

  describe(`${name} as workspaces`, () => {
    it('makes a folder again what it was, and says what it touched', async () => {
      const { workspaces, root, set, read, kept } = await opened();
      await set(changed);
      const { digest, restored } = await workspaces.restore('S', root);
      assert.equal(digest, kept.digest);
      assert.deepEqual(await read(), sample);
      assert.ok(['QA', 'a b ✓.txt', 'run.sh', 'empty', 'current'].every((path) => restored.includes(path)));
      assert.deepEqual((await workspaces.restore('S', root)).restored, []);
    });

    it('counts files and bytes, and gives equal folders equal digests', async () => {
      const { workspaces, root, set, kept } = await opened();
      assert.deepEqual([kept.files, kept.bytes], [5, 1 + 8 + 4 + 5 + 10]);
      assert.deepEqual(await workspaces.snapshot('again', root), kept);
      await set({ ...sample, 'run.sh': { type: 'file', mode: 0o700, text: '#!/bin/sh\n' } });
      assert.notEqual((await workspaces.snapshot('other mode', root)).digest, kept.digest);
    });

    it('leaves an id that is kept as it is', async () => {
      const { workspaces, root, set, read, kept } = await opened();
      await set(changed);
      assert.deepEqual(await workspaces.snapshot('S', root), kept);
      await workspaces.restore('S', root);
      assert.deepEqual(await read(), sample);
    });

    it('has nothing of an id that it never had or was told to forget', async () => {
      const { workspaces, root, kept } = await opened();
      await workspaces.snapshot('T', root);
      assert.deepEqual([...(await workspaces.ids())].sort(), ['S', 'T']);
      assert.deepEqual(await workspaces.forget(['S', 'an id that nobody knows']), ['S']);
      assert.deepEqual(await workspaces.forget('S'), []);
      assert.deepEqual(await workspaces.ids(), ['T']);
      await assert.rejects(workspaces.restore('S', root), { code: 'snapshot-missing' });
      assert.equal((await workspaces.restore('T', root)).digest, kept.digest);
      await assert.rejects(workspaces.snapshot('U', `${root}-that-is-not-there`), {
        code: 'snapshot-failed',
      });
    });

    it('gives digests of what globs match, everything in a folder that is named included', async () => {
      const { workspaces, root } = await opened();
      const paths = async (...globs: string[]) => [...(await workspaces.digests(root, globs)).keys()];
      assert.deepEqual(await paths('QA/*.md', 'run.sh', './run.sh', 'nowhere/**'), [
        'QA/report.md',
        'run.sh',
      ]);
      assert.deepEqual(await paths('QA/'), ['QA/.hidden', 'QA/report.md', 'QA/sub/deep.md']);
      assert.deepEqual(await paths('**/*.{md,sh}'), ['QA/report.md', 'QA/sub/deep.md', 'run.sh']);
      assert.deepEqual(
        await paths('curr?nt', '[!a-q]*'),
        ['current', 'run.sh', 'QA/.hidden', 'QA/report.md', 'QA/sub/deep.md'].sort(),
      );
      assert.deepEqual(await paths(), []);
      await assert.rejects(workspaces.digests(root, ['../*']), { code: 'glob-unusable' });
    });

    it('tells by its digest that a file was changed, replaced by a link, or removed', async () => {
      const { workspaces, root, set } = await opened();
      const digest = async () => (await workspaces.digests(root, ['QA/report.md'])).get('QA/report.md');
      const seen = [await digest()];
      await set({ ...sample, 'QA/report.md': { type: 'file', mode: 0o644, text: 'APPROVED' } });
      seen.push(await digest());
      await set({ ...sample, 'QA/report.md': { type: 'symlink', target: '../run.sh' } });
      seen.push(await digest());
      await set({ empty: { type: 'dir', mode: 0o755 } });
      seen.push(await digest());
      assert.equal(new Set(seen).size, 4);
      assert.equal(seen[3], undefined);
    });
  });
}
