import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process and what it was called with. */
export interface RunningCommand {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** One text for each argument; where the system does not tell them apart, all as one. */
  readonly args: readonly string[];
}

/** All that run on this machine and can be seen; not the `ps` by which they are looked at. */
export function runningCommands(): Promise<readonly RunningCommand[]> {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

const atOnce = 64;

async function fromProc(): Promise<readonly RunningCommand[]> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found: RunningCommand[] = [];
  for (const [index, pid] of pids.entries()) {
    if (index % atOnce === atOnce - 1) await setImmediate();
    const args = textOf(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
    const stat = textOf(`/proc/${pid}/stat`);
    // The name in brackets may hold spaces and brackets. One that has ended, and a thread of the kernel, have no arguments.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (args.length === 0 || state === undefined || 'ZXx'.includes(state)) continue;
    found.push({ pid: Number(pid), parent: Number(parent), group: Number(group), args });
  }
  return found;
}

/** Empty when it has gone, or is somebody else's business. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function fromPs(): Promise<readonly RunningCommand[]> {
  const columns = ['pid=', 'ppid=', 'pgid=', 'stat=', 'command='].flatMap((column) => ['-o', column]);
  const running = promisify(execFile)('ps', ['-A', '-ww', ...columns], { maxBuffer: 64 * 1_048_576 });
  const { stdout } = await running;
  return parsePs(stdout).filter(({ pid }) => pid !== running.child.pid);
}

/** Lines such as `  4711     1  4711 Ss   nginx: master process`. */
export function parsePs(text: string): readonly RunningCommand[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+[^Z\s]\S*\s+(.+)$/.exec(line) ?? [];
    if (command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), args: [command] }];
  });
}
