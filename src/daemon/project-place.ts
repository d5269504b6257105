import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';

/** Where a project and its state lie. */
export interface ProjectPlace {
  /** Directory of sluice.yml. */
  readonly root: string;
  readonly file: string;
  readonly stateDir: string;
}

/** The nearest sluice.yml from `from` upward, or the one given. Throws `project-missing`. */
export function findProject(from: string, options: { readonly file?: string } = {}): ProjectPlace {
  const given = options.file === undefined ? null : resolve(from, options.file);
  const file = given ?? upward(resolve(from));
  if (file === null || !existsSync(file)) {
    throw new SluiceError({
      code: 'project-missing',
      message:
        given === null ? `There is no sluice.yml in ${resolve(from)} or above it.` : `${given} is not there.`,
      remedy: 'Run `sluice init` in the directory of your project, or name the file with --config.',
    });
  }
  const root = dirname(file);
  return { root, file, stateDir: process.env.SLUICE_STATE_DIR ?? join(root, '.sluice') };
}

/** A project whose sluice.yml may be gone: `file` is null then. */
export interface StatePlace {
  readonly root: string;
  readonly file: string | null;
  readonly stateDir: string;
}

/** As `findProject`, but the nearest `.sluice` is enough: what runs can be ended without its sluice.yml. */
export function findState(from: string, options: { readonly file?: string } = {}): StatePlace {
  const start = resolve(from);
  const state = process.env.SLUICE_STATE_DIR ?? upward(start, '.sluice');
  if (options.file !== undefined || upward(start) !== null || state === null || !existsSync(state)) {
    return findProject(from, options);
  }
  return { root: dirname(state), file: null, stateDir: state };
}

function upward(directory: string, name = 'sluice.yml'): string | null {
  const path = join(directory, name);
  if (existsSync(path)) return path;
  const parent = dirname(directory);
  return parent === directory ? null : upward(parent, name);
}

/** Makes the state directory for its owner alone, and keeps it out of version control. */
export async function prepareState({ stateDir }: ProjectPlace): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(join(stateDir, '.gitignore'), '*\n', { flag: 'w' });
}
