import { readFile } from 'node:fs/promises';
import type { Digest } from '../../base/digest.ts';
import type { SluiceError } from '../../base/sluice-error.ts';
import type { AdditionFiles } from './addition-files.ts';
import { artifactError, changedArtifact, missingArtifact, systemCode } from './artifact-error.ts';
import type { BlobStore } from './blob-store.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import type { PruneGuard } from './prune-guard.ts';

/** The parts of a store on disk; see `openArtifactStore` for where they lie. */
export interface StoreParts {
  readonly stateDir: string;
  readonly blobs: BlobStore;
  readonly additions: AdditionFiles;
  readonly manifestPath: (digest: Digest) => string;
  readonly guard: PruneGuard;
  readonly staging: string;
  readonly manifests: string;
  /** Tells when what a crashed add left behind is old enough to go. */
  readonly nowMs: () => number;
  /** Runs `work` when nothing else that changes the set of artifacts runs in this process. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Rejects with `artifact-missing`, or `artifact-changed` when its text is not what the digest names. */
export async function readManifest(parts: StoreParts, digest: Digest): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(parts.manifestPath(digest), 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw artifactError(error, parts.manifestPath(digest));
    throw missingArtifact(digest, `No artifact ${digest} is stored here.`);
  }
  const manifest = parseManifest(text, digest);
  if (manifest !== null) return manifest;
  throw changedArtifact(digest, `The manifest of ${digest} was changed after it was stored.`);
}

export function blobFault(digest: Digest, path: string, is: 'missing' | 'changed'): SluiceError {
  return is === 'missing'
    ? missingArtifact(digest, `The stored bytes of "${path}" of artifact ${digest} are gone.`)
    : changedArtifact(digest, `The stored bytes of "${path}" of artifact ${digest} were changed.`);
}
