import { canonicalJson } from '../../base/canonical-json.ts';
import type { Digest } from '../../base/digest.ts';
import { digestOfBytes } from '../../base/digest.ts';

/**
 * One entry of a tree. `path` is relative to its top, with `/` between names and never a leading one. `mode` holds the
 * twelve permission bits. The mode of a symbolic link means nothing and is left out.
 */
export type ManifestEntry =
  | { readonly type: 'dir'; readonly path: string; readonly mode: number }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      /** 64 lower-case hexadecimal digits. */
      readonly sha256: string;
    }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

export type FileEntry = Extract<ManifestEntry, { type: 'file' }>;

/**
 * What an artifact is: every directory, file and link below its top, in byte order of the UTF-8 path, so that a
 * directory comes before what it holds. The top itself has no entry, because its name and mode belong to the place it
 * lies in. A single file is the tree that holds only that file.
 */
export interface Manifest {
  readonly format: 'sluice-artifact-1';
  readonly entries: readonly ManifestEntry[];
}

export function manifestOf(entries: readonly ManifestEntry[]): Manifest {
  return { format: 'sluice-artifact-1', entries: [...entries].sort((a, b) => byUtf8(a.path, b.path)) };
}

/** The bytes whose SHA-256 is the digest of the artifact: canonical JSON, no newline at the end. */
export function manifestText(manifest: Manifest): string {
  return canonicalJson(manifest);
}

export function digestOfManifest(manifest: Manifest): Digest {
  return digestOfBytes(manifestText(manifest));
}

/** Null when the text is not the manifest that `digest` names: the digest vouches for every member. */
export function parseManifest(text: string, digest: Digest): Manifest | null {
  if (digestOfBytes(text) !== digest) return null;
  return JSON.parse(text) as Manifest;
}

export function filesOf(manifest: Manifest): readonly FileEntry[] {
  return manifest.entries.filter((entry) => entry.type === 'file');
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
