import { createHash } from 'node:crypto';
import type { Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import {
  type Addition,
  addAgain,
  additionOf,
  isPrunable,
  listRecords,
  recordOf,
  versionIn,
} from './addition.ts';
import { changedArtifact, missingArtifact } from './artifact-error.ts';
import { linkLeavesTree } from './link-leaves-tree.ts';
import { digestOfManifest, filesOf, type Manifest, type ManifestEntry, manifestOf } from './manifest.ts';
import type { ArtifactInput, ArtifactStore } from './port.ts';

/** A node of a tree in memory; the key is its path below the top. */
export type TreeNode =
  | { readonly type: 'dir'; readonly mode: number }
  | { readonly type: 'file'; readonly mode: number; readonly text: string }
  | { readonly type: 'symlink'; readonly target: string };

export type Tree = Readonly<Record<string, TreeNode>>;

/** An `ArtifactStore` without a disk, and the world around it that tests set. */
export interface MemoryArtifactStore extends ArtifactStore {
  /** What `add` finds at a path. */
  readonly inputs: Map<string, Tree>;
  /** What instances have in their directories. */
  readonly directories: Map<string, Tree>;
  /** Text of stored files by SHA-256; change or delete one to damage an artifact. */
  readonly blobs: Map<string, string>;
}

export function memoryArtifactStore(): MemoryArtifactStore {
  const inputs = new Map<string, Tree>();
  const directories = new Map<string, Tree>();
  const blobs = new Map<string, string>();
  const manifests = new Map<Digest, Manifest>();
  const additions = new Map<Digest, Map<string, Addition>>();
  const of = (digest: Digest) => [...(additions.get(digest)?.values() ?? [])];

  const fault = (digest: Digest): SluiceError | null => {
    const manifest = manifests.get(digest);
    if (manifest === undefined) return missingArtifact(digest, `No artifact ${digest} is stored here.`);
    for (const { path, sha256 } of filesOf(manifest)) {
      const text = blobs.get(sha256);
      if (text === undefined) return missingArtifact(digest, `The stored bytes of "${path}" are gone.`);
      if (sha256Of(text) !== sha256)
        return changedArtifact(digest, `The stored bytes of "${path}" were changed.`);
    }
    return null;
  };

  return {
    inputs,
    directories,
    blobs,
    async add(input) {
      const { tree, manifest } = readInput(inputs, input);
      const digest = digestOfManifest(manifest);
      for (const node of Object.values(tree))
        if (node.type === 'file') blobs.set(sha256Of(node.text), node.text);
      manifests.set(digest, manifest);
      const addition = additionOf(input, { ...contentOf(manifest, tree, input), digest });
      const key = `${input.service} ${input.unit}`;
      const known = additions.get(digest) ?? new Map<string, Addition>();
      additions.set(digest, known.set(key, addAgain(known.get(key) ?? null, addition)));
      const record = recordOf(of(digest));
      if (record === null) throw missingArtifact(digest, 'The artifact was not kept.');
      return record;
    },
    find: async (digest) => recordOf(of(digest)),
    list: async (filter) => listRecords([...additions.keys()].map(of), filter),
    async verify(digest) {
      const error = fault(digest);
      return error === null ? { ok: true } : { ok: false, code: error.code, reason: error.message };
    },
    async materialise(digest, instance) {
      const error = fault(digest);
      if (error !== null) throw error;
      const directory = `/run/${instance}`;
      directories.set(directory, treeOf(manifests.get(digest) as Manifest, blobs));
      return directory;
    },
    async release(instance) {
      directories.delete(`/run/${instance}`);
    },
    async prune(options) {
      const gone = [...additions.keys()].filter((digest) => isPrunable(digest, of(digest), options));
      for (const digest of gone) {
        additions.delete(digest);
        manifests.delete(digest);
      }
      const kept = new Set([...manifests.values()].flatMap(filesOf).map((file) => file.sha256));
      for (const sha256 of [...blobs.keys()]) if (!kept.has(sha256)) blobs.delete(sha256);
      return gone;
    },
  };
}

function readInput(inputs: ReadonlyMap<string, Tree>, { path }: ArtifactInput) {
  const tree = inputs.get(path);
  if (tree === undefined) throw refusal('artifact-path-missing', `There is nothing at ${path}.`);
  if (Object.keys(tree).length === 0) throw refusal('artifact-empty', `${path} is an empty directory.`);
  const links = new Map<string, string>();
  for (const [at, node] of Object.entries(tree)) if (node.type === 'symlink') links.set(at, node.target);
  for (const at of links.keys()) {
    if (linkLeavesTree(at, links))
      throw refusal('artifact-link-escapes', `${path}/${at} leads out of the artifact.`);
  }
  return { tree, manifest: manifestOf(Object.entries(tree).map(([at, node]) => entryOf(at, node))) };
}

function entryOf(path: string, node: TreeNode): ManifestEntry {
  if (node.type !== 'file') return { path, ...node };
  const { mode, text } = node;
  return { type: 'file', path, mode, size: Buffer.byteLength(text), sha256: sha256Of(text) };
}

function contentOf(manifest: Manifest, tree: Tree, input: ArtifactInput) {
  const files = filesOf(manifest);
  const packageJson = tree['package.json'];
  const stated = packageJson?.type === 'file' ? versionIn(packageJson.text) : null;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return { version: input.version ?? stated, files: files.length, bytes };
}

function treeOf(manifest: Manifest, blobs: ReadonlyMap<string, string>): Tree {
  return Object.fromEntries(
    manifest.entries.map((entry): [string, TreeNode] => {
      if (entry.type === 'symlink') return [entry.path, { type: 'symlink', target: entry.target }];
      if (entry.type === 'dir') return [entry.path, { type: 'dir', mode: entry.mode }];
      return [entry.path, { type: 'file', mode: entry.mode, text: blobs.get(entry.sha256) ?? '' }];
    }),
  );
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function refusal(code: string, message: string): SluiceError {
  return new SluiceError({ code, message, remedy: 'Give the memory store a tree that a build could write.' });
}
