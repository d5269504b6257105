import { digestOfBytes } from '../../base/digest.ts';
import type { Tree, TreeNode } from '../artifact/memory.ts';
import { bytePathOf, textOf } from './byte-path.ts';
import { type Entry, inOrder, isSameEntry, snapshotOf } from './entry.ts';
import { matchesSegment, parseGlob, type Segment } from './glob.ts';
import type { Workspaces } from './port.ts';
import { snapshotFailed, snapshotMissing } from './workspace-error.ts';

/** Workspaces without a disk, and the folders that tests set and look at. The root itself always has the mode 0o755. */
export interface MemoryWorkspaces extends Workspaces {
  /** What lies in a folder, by its path. */
  readonly folders: Map<string, Tree>;
  /** What is kept, by id. */
  readonly kept: Map<string, Tree>;
}

export function memoryWorkspaces(): MemoryWorkspaces {
  const folders = new Map<string, Tree>();
  const kept = new Map<string, Tree>();
  return {
    folders,
    kept,
    async snapshot(id, root) {
      const tree = kept.get(id) ?? folders.get(root);
      if (tree === undefined) throw snapshotFailed(new Error('no such folder'), root);
      kept.set(id, tree);
      return snapshotOf(entriesOf(tree));
    },
    async restore(id, root) {
      const tree = kept.get(id);
      if (tree === undefined) throw snapshotMissing(id);
      const restored = differences(entriesOf(folders.get(root) ?? {}), entriesOf(tree));
      folders.set(root, tree);
      return { digest: snapshotOf(entriesOf(tree)).digest, restored };
    },
    async digests(root, globs) {
      const asked = globs.flatMap(parseGlob);
      const found = Object.entries(folders.get(root) ?? {}).flatMap(([path, node]) =>
        node.type !== 'dir' && asked.some((segments) => isAsked(path.split('/'), segments))
          ? [
              [
                path,
                node.type === 'file' ? digestOfBytes(node.text) : digestOfBytes(`link to ${node.target}`),
              ] as const,
            ]
          : [],
      );
      return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    ids: async () => [...kept.keys()],
    forget: async (ids) => [ids].flat().filter((id) => kept.delete(id)),
  };
}

function entriesOf(tree: Tree): readonly Entry[] {
  const entries = Object.entries(tree).map(([path, node]) => entryOf(bytePathOf(path), node));
  return inOrder([{ type: 'dir', path: '', mode: 0o755 }, ...entries]);
}

function entryOf(path: string, node: TreeNode): Entry {
  if (node.type === 'dir') return { type: 'dir', path, mode: node.mode };
  if (node.type === 'symlink') return { type: 'symlink', path, target: bytePathOf(node.target) };
  const sha256 = digestOfBytes(node.text).slice('sha256:'.length);
  return { type: 'file', path, mode: node.mode, size: Buffer.byteLength(node.text), sha256 };
}

/** Paths that one has and the other has not, or has otherwise. */
function differences(before: readonly Entry[], after: readonly Entry[]): readonly string[] {
  const [was, is] = [before, after].map((entries) => new Map(entries.map((entry) => [entry.path, entry])));
  const paths = new Set([...before, ...after].map(({ path }) => path));
  const differs = (path: string) => {
    const [a, b] = [was?.get(path), is?.get(path)];
    return a === undefined || b === undefined || !isSameEntry(a, b);
  };
  return [...paths].filter(differs).map((path) => textOf(path) || '.');
}

/** A directory that is asked for stands for all that it holds. */
function isAsked(names: readonly string[], [segment, ...rest]: readonly Segment[]): boolean {
  if (segment === undefined) return true;
  const [name, ...further] = names;
  if (segment.kind === 'any-depth')
    return isAsked(names, rest) || (name !== undefined && isAsked(further, [segment, ...rest]));
  return name !== undefined && matchesSegment(name, segment) && isAsked(further, rest);
}
