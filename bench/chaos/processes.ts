import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProjectProcess {
  readonly pid: number;
  /** `controller`, `router`, `instance` or `other`. */
  readonly role: 'controller' | 'router' | 'instance' | 'other';
  /** What an instance runs; null for the rest. */
  readonly release: string | null;
}

/** What runs for the project below `root`. */
export async function processesOf(root: string): Promise<readonly ProjectProcess[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(pids.map((pid) => look(pid, root)));
  return found.filter((one) => one !== null);
}

async function look(pid: number, root: string): Promise<ProjectProcess | null> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();
    const place = await readlink(`/proc/${pid}/cwd`);
    if (command === '' || !`${place} ${command}`.includes(root)) return null;
    const role = roleOf(command);
    const release = role === 'instance' ? await releaseOf(pid) : null;
    return { pid, role, release };
  } catch {
    // It ended while it was looked at, or is somebody else's.
    return null;
  }
}

function roleOf(command: string): ProjectProcess['role'] {
  if (/main\.ts serve\b/.test(command)) return 'controller';
  if (command.includes('main-router')) return 'router';
  // What listens, not a shell around it.
  return command === 'node served-app.js' ? 'instance' : 'other';
}

async function releaseOf(pid: number): Promise<string | null> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  return /(?:^|\0)SLUICE_VERSION=([^\0]*)/.exec(environment)?.[1] ?? null;
}

/** Kills it; resolves with the moments of the signal and of its end, ms of the wall clock. */
export async function killed(pid: number): Promise<{ readonly at: number; readonly goneAt: number }> {
  const at = performance.timeOrigin + performance.now();
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await sleep(1);
  return { at, goneAt: performance.timeOrigin + performance.now() };
}

/**
 * Its connections stand until the last of its threads has ended: the first one may be a zombie while others still are on
 * their way out.
 */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const isOver = /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
    return !isOver || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}
