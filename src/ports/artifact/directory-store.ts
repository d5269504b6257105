import { join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { addArtifact } from './add-artifact.ts';
import { listRecords, recordOf } from './addition.ts';
import { hexOf, openAdditionFiles } from './addition-files.ts';
import { artifactError } from './artifact-error.ts';
import { openBlobStore } from './blob-store.ts';
import { filesOf } from './manifest.ts';
import { materialiseIn } from './materialise.ts';
import type { ArtifactStore } from './port.ts';
import { openPruneGuard } from './prune-guard.ts';
import { pruneStore } from './prune-store.ts';
import { removeTree } from './remove-tree.ts';
import { blobFault, readManifest, type StoreParts } from './store-parts.ts';

/**
 * Artifacts under `<stateDir>/artifacts`: `blobs/` holds files by the SHA-256 of their bytes, `manifests/` the canonical
 * manifest whose SHA-256 is the digest of the artifact, `records/` what was said when it was added, `staging/` adds
 * under way. Instances get copies in `<stateDir>/run/<instance>`. Nothing is touched before the first call.
 *
 * Adds and reads are safe from several processes at once, also beside a prune; `prune` itself belongs to the one that holds
 * the controller's lease.
 */
export function openArtifactStore(options: {
  readonly stateDir: string;
  readonly clock: Clock;
}): ArtifactStore {
  const stateDir = resolve(options.stateDir);
  const home = join(stateDir, 'artifacts');
  const parts: StoreParts = {
    stateDir,
    blobs: openBlobStore(join(home, 'blobs'), join(home, 'staging')),
    additions: openAdditionFiles(join(home, 'records')),
    guard: openPruneGuard(join(home, 'pruning'), options.clock),
    staging: join(home, 'staging'),
    manifests: join(home, 'manifests'),
    nowMs: () => options.clock.now(),
    manifestPath: (digest) => join(home, 'manifests', `${hexOf(digest)}.json`),
    alone: oneAtATime(),
  };
  return {
    add: (input) => told(input.path, () => addArtifact(parts, input)),
    find: async (digest) => recordOf(await parts.additions.read(digest)),
    async list(filter) {
      const digests = await parts.additions.digests();
      return listRecords(await Promise.all(digests.map((digest) => parts.additions.read(digest))), filter);
    },
    async verify(digest) {
      const error = await firstFault(parts, digest);
      return error === null ? { ok: true } : { ok: false, code: error.code, reason: error.message };
    },
    async materialise(digest, instance) {
      const directory = instanceDirectory(stateDir, instance);
      return told(directory, async () => {
        await materialiseIn(parts, await readManifest(parts, digest), { digest, directory });
        return directory;
      });
    },
    async release(instance) {
      await removeTree(instanceDirectory(stateDir, instance));
    },
    prune: (choice) => told(home, () => parts.alone(() => pruneStore(parts, choice))),
  };
}

async function firstFault(parts: StoreParts, digest: Digest): Promise<SluiceError | null> {
  try {
    for (const file of filesOf(await readManifest(parts, digest))) {
      const is = await parts.blobs.check(file);
      if (is !== 'ok') return blobFault(digest, file.path, is);
    }
    return null;
  } catch (error) {
    return artifactError(error, digest);
  }
}

function instanceDirectory(stateDir: string, instance: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(instance)) return join(stateDir, 'run', instance);
  throw new SluiceError({
    code: 'artifact-instance-malformed',
    message: `${JSON.stringify(instance)} cannot name the directory of an instance.`,
    remedy:
      'An instance id has letters, digits, dots, hyphens and underscores, and begins with a letter or digit.',
  });
}

async function told<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw artifactError(error, path);
  }
}

function oneAtATime(): StoreParts['alone'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    // The caller gets the rejection from `next`; the queue only needs to know that it ended.
    last = next.catch(() => undefined);
    return next;
  };
}
