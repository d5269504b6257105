import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { SluiceError } from '../../base/sluice-error.ts';
import { globMatcher } from './glob.ts';

/** What somebody may reach. All paths are absolute and without links. */
export interface Confinement {
  readonly workspace: string;
  readonly scratch: string;
  /** Below the workspace: existing files and folders that must stay as they are. */
  readonly held: readonly string[];
  /** The state directory: nothing of it is seen. */
  readonly hidden: string;
}

/** Other programs run what these say, outside of any sandbox. */
const runByGit = ['.git/config', '.git/hooks'];
/** A kernel holds more mounts than this, but each costs time at every start. */
const mostHeld = 1_000;

/** Throws the error of the file system when a folder is missing, `too-many-protected-paths` and `glob-unusable`. */
export async function confinementOf(order: {
  readonly workspace: string;
  readonly scratch: string;
  readonly stateDir: string;
  readonly protectedPaths: readonly string[];
}): Promise<Confinement> {
  const [workspace, scratch, hidden] = await Promise.all(
    [order.workspace, order.scratch, order.stateDir].map((path) => realpath(path)),
  );
  if (workspace === undefined || scratch === undefined || hidden === undefined)
    throw new Error('unreachable');
  const except = [scratch, hidden].filter((path) => path !== workspace);
  const held = await findHeld(workspace, [...order.protectedPaths, ...runByGit], except);
  return { workspace, scratch, held, hidden };
}

/** The topmost existing paths that the globs match. Links are left out: a mount would hold what they point to. */
async function findHeld(
  workspace: string,
  globs: readonly string[],
  except: readonly string[],
): Promise<readonly string[]> {
  const matches = globMatcher(globs);
  const found: string[] = [];
  const open = [workspace];
  for (const folder of open) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(workspace, path).split(sep).join('/');
      if (entry.isSymbolicLink() || except.includes(path) || !matches.leadsOn(name)) continue;
      if (matches.fits(name)) found.push(path);
      else if (entry.isDirectory()) open.push(path);
    }
  }
  if (found.length > mostHeld) throw tooMany(workspace, found.length);
  return found.sort();
}

function tooMany(workspace: string, count: number): SluiceError {
  return new SluiceError({
    code: 'too-many-protected-paths',
    message: `${count} files of ${workspace} are protected one by one; ${mostHeld} can be.`,
    remedy: 'Protect whole folders (`QA/**`) instead of single files in many places (`**/*.md`).',
  });
}

export interface Mount {
  readonly kind: 'writable' | 'read-only' | 'hidden';
  readonly path: string;
}

/** What is mounted over a file system that is read-only as a whole, in this order. */
export function mountsOf({ workspace, scratch, held, hidden }: Confinement): readonly Mount[] {
  // A folder on the way to a held path could be renamed together with it; a mount cannot be.
  const pinned = new Set(held.flatMap((path) => foldersBetween(workspace, path)));
  const mounts: Mount[] = [
    { kind: 'hidden', path: hidden },
    { kind: 'writable', path: workspace },
    { kind: 'writable', path: scratch },
    ...[...pinned].map((path) => ({ kind: 'writable', path }) as const),
    ...held.map((path) => ({ kind: 'read-only', path }) as const),
  ];
  return mounts.sort((a, b) => depth(a.path) - depth(b.path));
}

/** Whether `path` is `folder` or lies below it. */
export function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function foldersBetween(workspace: string, path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder.length > workspace.length; folder = dirname(folder))
    folders.push(folder);
  return folders;
}

function depth(path: string): number {
  return path.split('/').length;
}
