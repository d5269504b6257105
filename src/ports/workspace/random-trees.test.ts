import assert from 'node:assert/strict';
import { chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { overwrite, writeTree } from '../artifact/disk-tree.ts';
import type { Tree, TreeNode } from '../artifact/memory.ts';
import { removeTree } from '../artifact/remove-tree.ts';
import { openWorkspaces } from './directory-workspaces.ts';

const isSuperuser = process.geteuid?.() === 0;
/** Nothing is closed to the superuser; as somebody else, read-only folders and files without permission are met for real. */
const somebody = 65_534;

let top = '';
before(async () => {
  top = await mkdtemp(join(tmpdir(), 'sluice-random-trees-'));
  if (!isSuperuser) return;
  await chown(top, somebody, somebody);
  process.seteuid?.(somebody);
});
after(async () => {
  if (isSuperuser) process.seteuid?.(0);
  await removeTree(top);
});

const closed = isSuperuser ? [0o000] : [];
const name = fc.constantFrom('a', 'b', 'c', 'ü', 'a b');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const node: fc.Arbitrary<TreeNode> = fc.oneof(
  fc.record({
    type: fc.constant('dir' as const),
    mode: fc.constantFrom(0o755, 0o700, 0o555, 0o500, ...closed),
  }),
  fc.record({
    type: fc.constant('file' as const),
    mode: fc.constantFrom(0o644, 0o600, 0o755, 0o400, ...closed),
    text: fc.constantFrom('', 'x', 'y', 'x'.repeat(5_000)),
  }),
  fc.record({ type: fc.constant('symlink' as const), target: fc.constantFrom('a', 'b/a', '.', 'gone') }),
);
/** Only directories hold anything, and each that does is named. */
const tree: fc.Arbitrary<Tree> = fc.dictionary(path, node, { maxKeys: 12 }).map((nodes) => {
  const whole: Record<string, TreeNode> = {};
  for (const key of Object.keys(nodes).sort()) {
    const names = key.split('/');
    const above = names.slice(0, -1).map((_, index) => names.slice(0, index + 1).join('/'));
    if (above.some((one) => whole[one] !== undefined && whole[one].type !== 'dir')) continue;
    for (const one of above) whole[one] ??= { type: 'dir', mode: 0o755 };
    whole[key] ??= { ...(nodes[key] as TreeNode) };
  }
  return whole;
});

/** Everything below, seen by the superuser where there is one; without any code of the product. */
async function walk(root: string): Promise<Tree> {
  const found: Record<string, TreeNode> = {};
  const enter = async (directory: string): Promise<void> => {
    for (const entry of (await readdir(join(root, directory))).sort()) {
      const key = join(directory, entry);
      const stats = await lstat(join(root, key));
      const mode = stats.mode & 0o7777;
      if (stats.isSymbolicLink()) found[key] = { type: 'symlink', target: await readlink(join(root, key)) };
      else if (stats.isFile()) {
        found[key] = { type: 'file', mode, text: await readFile(join(root, key), 'utf8') };
      } else {
        found[key] = { type: 'dir', mode };
        await enter(key);
      }
    }
  };
  if (isSuperuser) process.seteuid?.(0);
  await enter('').finally(() => isSuperuser && process.seteuid?.(somebody));
  return found;
}

describe('random trees', () => {
  it('are the same after any change and a restore, by digest and by an independent walk', async () => {
    const workspaces = await openWorkspaces({ stateDir: join(top, 'state') });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(tree, tree, fc.array(path, { maxLength: 4 }), async (first, change, gone) => {
        runs += 1;
        const [id, root] = [`S-${runs}`, join(top, `root-${runs}`)];
        await mkdir(root);
        await writeTree(root, first);
        const { digest } = await workspaces.snapshot(id, root);
        const before = await walk(root);
        assert.deepEqual(before, first);
        for (const one of gone) await removeTree(join(root, one)).catch(() => undefined);
        // Where a folder is closed or a file is in the way, that part of the change is not made.
        for (const [key, value] of Object.entries(change)) {
          await overwrite(root, { [key]: value }).catch(() => undefined);
        }
        const restored = await workspaces.restore(id, root);
        assert.equal(restored.digest, digest);
        assert.deepEqual(await walk(root), before);
        assert.deepEqual((await workspaces.restore(id, root)).restored, []);
      }),
      { numRuns: 60 },
    );
  });
});
