import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bubblewrap } from './bubblewrap.ts';
import { type FoundSandbox, findSandbox } from './find-sandbox.ts';
import { namespaces } from './namespaces.ts';
import type { Sandbox } from './sandbox.ts';
import { seatbelt } from './seatbelt.ts';

/** Folders for a test: a project with the state directory in it, as in real life. */
export interface Place {
  readonly root: string;
  readonly workspace: string;
  readonly stateDir: string;
  readonly scratch: string;
  remove(): Promise<void>;
}

export async function newPlace(): Promise<Place> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-agent-')));
  const workspace = join(root, 'project');
  const stateDir = join(workspace, '.sluice');
  const scratch = join(stateDir, 'scratch');
  await mkdir(scratch, { recursive: true });
  return { root, workspace, stateDir, scratch, remove: () => rm(root, { recursive: true, force: true }) };
}

export const environment = {
  PATH: process.env.PATH,
  HOME: '/',
  LANG: 'C.UTF-8',
  SLUICE_TOKEN: 'secret',
  OTHER_KEY: 'secret',
};

/** Each sandbox that Sluice knows, and whether it works on this machine. */
export async function knownSandboxes(): Promise<readonly { sandbox: Sandbox; found: FoundSandbox }[]> {
  const place = await newPlace();
  const env = { PATH: environment.PATH ?? '' };
  const each = [bubblewrap, namespaces, seatbelt].map(async (sandbox) => {
    const found = await findSandbox([sandbox], place.stateDir, env);
    return { sandbox, found };
  });
  return Promise.all(each).finally(() => place.remove());
}

/** Pids of processes whose command line ends with the text. */
export async function runningAs(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => lines[index]?.replaceAll('\0', ' ').trim().endsWith(text));
}
