import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

/** One process as the kernel tells it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly group: number;
  /** It has ended and waits to be reaped. */
  readonly ended: boolean;
  /** Tells two processes of one pid apart: boot and start time. */
  readonly startedAt: string;
  readonly memoryBytes: number;
  readonly cpuMs: number;
}

/** The process of that pid; null when there is none. */
export async function readProcess(pid: number): Promise<ProcessFacts | null> {
  if (process.platform !== 'linux') return (await fromPs()).find((one) => one.pid === pid) ?? null;
  return fromProc(pid, await bootId());
}

/** The processes of a group that have not ended. */
export async function livingMembers(group: number): Promise<readonly ProcessFacts[]> {
  return (await livingMembersOf([group])).get(group) ?? [];
}

/** The same of several groups, from one look at the table of processes. */
export async function livingMembersOf(
  groups: readonly number[],
): Promise<ReadonlyMap<number, readonly ProcessFacts[]>> {
  const existing = new Set(groups.filter(mayExist));
  if (existing.size === 0) return new Map();
  const all = process.platform === 'linux' ? await allFromProc() : await fromPs();
  const living = all.filter(({ group, ended }) => existing.has(group) && !ended);
  return Map.groupBy(living, ({ group }) => group);
}

let boot: Promise<string> | null = null;

/** The living processes of a group among these and their descendants; null where the system does not tell of children. */
export async function readFamily(
  pids: readonly number[],
  group: number,
): Promise<readonly ProcessFacts[] | null> {
  if (process.platform !== 'linux') return null;
  const boot = await bootId();
  const found = new Map<number, ProcessFacts>();
  // It grows while it is gone through.
  const open = new Set(pids);
  for (const pid of open) {
    const one = fromProc(pid, boot);
    if (one === null || one.group !== group || one.ended) continue;
    const children = textOf(`/proc/${pid}/task/${pid}/children`);
    // It was there a moment ago: either it has just gone, or this kernel keeps no such file.
    if (children === null) return null;
    found.set(pid, one);
    for (const child of children.split(' ')) if (child !== '') open.add(Number(child));
  }
  return [...found.values()];
}

/** A new boot gives old pids to new processes. Empty where the system does not tell. This process does not outlive its boot. */
export function bootId(): Promise<string> {
  if (process.platform !== 'linux') return Promise.resolve('');
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim());
  return boot;
}

function mayExist(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Between two looks at the rest of the program's work. */
const atOnce = 64;

async function allFromProc(): Promise<ProcessFacts[]> {
  const boot = await bootId();
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
  const found: ProcessFacts[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % atOnce === atOnce - 1) await setImmediate();
    const one = fromProc(pid, boot);
    if (one !== null) found.push(one);
  }
  return found;
}

/** Linux tells CPU time in hundredths of a second, on every machine. */
const tickMs = 10;

/**
 * Field numbers are those of proc(5); the name before them may hold spaces and brackets. The kernel answers from memory, so
 * that reading at once takes far less than asking the thread pool for it.
 */
function fromProc(pid: number, boot: string): ProcessFacts | null {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  return {
    pid,
    group: Number(field(5)),
    ended: /[ZXx]/.test(field(3)),
    startedAt: `${boot}:${field(22)}`,
    memoryBytes: Number(field(24)) * 4_096,
    cpuMs: (Number(field(14)) + Number(field(15))) * tickMs,
  };
}

/** Null when it is not there. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

async function fromPs(): Promise<ProcessFacts[]> {
  const columns = ['pid=', 'pgid=', 'stat=', 'rss=', 'time=', 'lstart='];
  const { stdout } = await promisify(execFile)('ps', ['-A', ...columns.flatMap((column) => ['-o', column])]);
  return stdout.split('\n').flatMap(parsePsLine);
}

/** `123 123 S 2048 1:02.50 Mon Jan  1 00:00:00 2024` */
export function parsePsLine(line: string): ProcessFacts[] {
  const [pid, group, state, memoryKib, time, ...started] = line.trim().split(/\s+/);
  if (time === undefined || state === undefined) return [];
  return [
    {
      pid: Number(pid),
      group: Number(group),
      ended: state.startsWith('Z'),
      startedAt: `:${started.join(' ')}`,
      memoryBytes: Number(memoryKib) * 1_024,
      cpuMs: clockTimeMs(time),
    },
  ];
}

/** `[days-][hours:]minutes:seconds[.hundredths]` */
function clockTimeMs(text: string): number {
  const [rest = '', days = '0'] = text.split('-').reverse();
  const seconds = rest.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}
