import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Lists of cores as `taskset` takes them: the proxies have one of their own, so that each is held to one core. */
export interface Cores {
  readonly proxies: string;
  /** Whoever asks, and who answers behind the proxies. */
  readonly others: string;
}

/** The last core for the proxies. Null where there is only one, or no `taskset`: then the system places everybody. */
export async function twoSides(): Promise<Cores | null> {
  if (spawnSync('taskset', ['--version']).status !== 0) return null;
  const status = await readFile('/proc/self/status', 'utf8');
  const cores = expand(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
  const last = cores.at(-1);
  if (last === undefined || cores.length < 2) return null;
  return { proxies: String(last), others: cores.slice(0, -1).join(',') };
}

/** `0-2,5` → 0, 1, 2, 5 */
function expand(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return first <= last ? Array.from({ length: last - first + 1 }, (_, i) => first + i) : [];
  });
}
