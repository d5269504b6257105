import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
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
  if (!mayExist(group)) return [];
  const all = process.platform === 'linux' ? await allFromProc() : await fromPs();
  return all.filter((one) => one.group === group && !one.ended);
}

/** A new boot gives old pids to new processes. Empty where the system does not tell. */
export async function bootId(): Promise<string> {
  if (process.platform !== 'linux') return '';
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function mayExist(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function allFromProc(): Promise<ProcessFacts[]> {
  const boot = await bootId();
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map((pid) => fromProc(pid, boot)));
  return found.filter((one) => one !== null);
}

/** Linux tells CPU time in hundredths of a second, on every machine. */
const tickMs = 10;

/** Field numbers are those of proc(5); the name before them may hold spaces and brackets. */
async function fromProc(pid: number, boot: string): Promise<ProcessFacts | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(goneIsNull);
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

function goneIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
  throw error;
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
