import { mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { SluiceError } from '../../base/sluice-error.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { additionOf, recordOf, versionIn } from './addition.ts';
import { systemCode, unreadable, unstable } from './artifact-error.ts';
import type { BlobStage } from './blob-store.ts';
import { eachLimited } from './each-limited.ts';
import {
  digestOfManifest,
  filesOf,
  type Manifest,
  type ManifestEntry,
  manifestOf,
  manifestText,
} from './manifest.ts';
import type { ArtifactInput, ArtifactRecord } from './port.ts';
import type { StoreParts } from './store-parts.ts';
import { type FoundEntry, walkTree } from './walk-tree.ts';

const filesAtOnce = 8;
const largestPackageJsonBytes = 1_048_576;

/**
 * Reads the tree, stores what is new of it, and records it. Everything is staged first and shown by renames at the end;
 * an add that fails leaves nothing behind.
 */
export async function addArtifact(parts: StoreParts, input: ArtifactInput): Promise<ArtifactRecord> {
  const found = await walkTree(input.path);
  await refuseOwnState(parts.stateDir, input.path);
  const stage = await parts.blobs.stage();
  try {
    await parts.guard.untilNobodyPrunes();
    const manifest = manifestOf(await eachLimited(found, filesAtOnce, (entry) => describe(stage, entry)));
    const version = input.version ?? (await versionOf(found));
    await refuseChanges(input.path, found);
    return await parts.alone(() => publish(parts, stage, { input: { ...input, version }, manifest }));
  } finally {
    await stage.discard();
  }
}

async function describe(stage: BlobStage, entry: FoundEntry): Promise<ManifestEntry> {
  const { path } = entry;
  if (entry.type === 'dir') return { type: 'dir', path, mode: entry.mode };
  if (entry.type === 'symlink') return { type: 'symlink', path, target: entry.target };
  try {
    const { size, sha256 } = await stage.put(entry.source, entry.stamp);
    return { type: 'file', path, mode: entry.mode, size, sha256 };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw unstable(entry.source);
    throw systemCode(error) === 'EACCES' ? unreadable(entry.source, error) : error;
  }
}

/** Blobs before the manifest, the manifest before the record: whoever finds the record finds everything. */
async function publish(
  parts: StoreParts,
  stage: BlobStage,
  { input, manifest }: { readonly input: ArtifactInput; readonly manifest: Manifest },
): Promise<ArtifactRecord> {
  const digest = digestOfManifest(manifest);
  const files = filesOf(manifest);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  await stage.publish();
  await mkdir(dirname(parts.manifestPath(digest)), { recursive: true, mode: 0o700 });
  await replaceFile(parts.manifestPath(digest), manifestText(manifest), { mode: 0o600 });
  const { version } = input;
  await parts.additions.write(additionOf(input, { digest, version, files: files.length, bytes }));
  const record = recordOf(await parts.additions.read(digest));
  if (record === null) throw unstable(parts.manifestPath(digest));
  return record;
}

/** A second walk finds what came, went or changed while the first one's files were read. */
async function refuseChanges(path: string, found: readonly FoundEntry[]): Promise<void> {
  const now = new Map((await walkTree(path)).map((entry) => [entry.path, entry]));
  for (const entry of found) {
    const again = now.get(entry.path);
    now.delete(entry.path);
    if (again?.type !== entry.type || again.stamp !== entry.stamp) throw unstable(join(path, entry.path));
  }
  for (const path_ of now.keys()) throw unstable(join(path, path_));
}

async function refuseOwnState(stateDir: string, path: string): Promise<void> {
  const [state, top] = await Promise.all([realpath(stateDir).catch(() => stateDir), realpath(path)]);
  if (state !== top && !state.startsWith(top + sep)) return;
  throw new SluiceError({
    code: 'artifact-holds-state',
    message: `${path} holds Sluice's own state directory ${stateDir}.`,
    remedy: 'Add the directory that the build writes to, or move the state directory out of it.',
  });
}

async function versionOf(found: readonly FoundEntry[]): Promise<string | null> {
  const entry = found.find(({ path }) => path === 'package.json');
  if (entry?.type !== 'file') return null;
  const text = await readFile(entry.source, 'utf8');
  return text.length > largestPackageJsonBytes ? null : versionIn(text);
}
