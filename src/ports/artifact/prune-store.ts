import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest } from '../../base/digest.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { isPrunable } from './addition.ts';
import { hexOf, namesIn } from './addition-files.ts';
import { systemCode } from './artifact-error.ts';
import { filesOf } from './manifest.ts';
import type { PruneOptions } from './port.ts';
import { removeTree } from './remove-tree.ts';
import { readManifest, type StoreParts } from './store-parts.ts';

/** After this long nothing that an add or a copy left half done can still be under way. */
const abandonedAfterMs = 24 * 3_600_000;

/** Removes old artifacts and the files that none has any more, unless an add is under way; and what crashes left. */
export async function pruneStore(parts: StoreParts, options: PruneOptions): Promise<readonly Digest[]> {
  const gone = await parts.guard.prune(
    () => isAdding(parts),
    async () => {
      const removed = await removeArtifacts(parts, options);
      await sweepManifests(parts, options);
      await sweepBlobs(parts);
      return removed;
    },
  );
  await removeLeftovers(parts);
  await removeRuns(parts, options);
  return gone ?? [];
}

async function isAdding(parts: StoreParts): Promise<boolean> {
  for (const name of await namesIn(parts.staging)) {
    if (!(await isAbandoned(parts, join(parts.staging, name)))) return true;
  }
  return false;
}

async function removeArtifacts(parts: StoreParts, options: PruneOptions): Promise<readonly Digest[]> {
  const gone: Digest[] = [];
  for (const digest of await parts.additions.digests()) {
    // A record that cannot be read says nothing of its age: it stays until somebody adds the artifact again.
    const additions = await parts.additions.read(digest).catch(brokenIsNull);
    if (additions === null || !isPrunable(digest, additions, options)) continue;
    await parts.additions.remove(digest);
    await removeTree(parts.manifestPath(digest));
    gone.push(digest);
  }
  return gone;
}

/** A prune that was killed between a record and its manifest left the manifest. */
async function sweepManifests(parts: StoreParts, { keep }: PruneOptions): Promise<void> {
  const recorded = new Set(await parts.additions.digests());
  for (const digest of await manifestDigests(parts)) {
    if (!recorded.has(digest) && !keep.has(digest)) await removeTree(parts.manifestPath(digest));
  }
}

/** Blobs that no artifact names go. Without a readable manifest nobody can tell, so then they all stay. */
async function sweepBlobs(parts: StoreParts): Promise<void> {
  const wanted = new Set<string>();
  const digests = [...(await parts.additions.digests()), ...(await manifestDigests(parts))];
  for (const digest of new Set(digests)) {
    const manifest = await readManifest(parts, digest).catch(brokenIsNull);
    if (manifest === null) return;
    for (const file of filesOf(manifest)) wanted.add(file.sha256);
  }
  await parts.blobs.sweep(wanted);
}

async function manifestDigests(parts: StoreParts): Promise<readonly Digest[]> {
  const names = await namesIn(parts.manifests);
  return names.map((name) => `sha256:${name.replace(/\.json$/, '')}`).filter(isDigest);
}

/** What crashed adds and copies left: staging directories (bare UUIDs), half-made trees and half-written files. */
async function removeLeftovers(parts: StoreParts): Promise<void> {
  const records = join(parts.stateDir, 'artifacts', 'records');
  const digests = await parts.additions.digests();
  const directories = [
    parts.staging,
    join(parts.stateDir, 'run'),
    parts.manifests,
    ...digests.map((digest) => join(records, hexOf(digest))),
  ];
  for (const directory of directories) {
    for (const name of await namesIn(directory)) {
      const path = join(directory, name);
      if (leftover.test(name) && (await isAbandoned(parts, path))) await removeTree(path);
    }
  }
}

const leftover =
  /^(?:\.making-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|\.json\.\d+\.[0-9a-f]{12}\.tmp$/;

/** Directories of instances and commands that nobody released, because the controller was killed. */
async function removeRuns(parts: StoreParts, { instances }: PruneOptions): Promise<void> {
  if (instances === undefined) return;
  const run = join(parts.stateDir, 'run');
  for (const name of await namesIn(run)) {
    if (name.startsWith('.') || instances.has(name)) continue;
    if (await isAbandoned(parts, join(run, name))) await removeTree(join(run, name));
  }
}

async function isAbandoned(parts: StoreParts, path: string): Promise<boolean> {
  try {
    return parts.nowMs() - (await lstat(path)).mtimeMs > abandonedAfterMs;
  } catch (error) {
    // Whoever owned it has just removed it.
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function brokenIsNull(error: unknown): null {
  if (error instanceof SluiceError) return null;
  throw error;
}
