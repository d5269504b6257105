import { readdir, readFile } from 'node:fs/promises';

/** User and system time of all its threads, ms; the hundredths of a second in `stat` are too coarse for a process at rest. */
export async function cpuMs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      return Number(text.split(' ')[0]) / 1e6;
    }),
  );
  return times.reduce((sum, one) => sum + one, 0);
}

/**
 * How long its first thread had something to do, ms: it ran, or was ready to while others had the core. Taken twice, the
 * difference says whether a process was kept busy, however busy the machine is otherwise.
 */
export async function busyMs(pid: number): Promise<number> {
  const [ran, waited] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return (Number(ran) + Number(waited)) / 1e6;
}

/** How long its first thread was ready to run while others had the core, ms: on a busy machine that is no delay of its own. */
export async function waitedMs(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')[1]) / 1e6;
}

/** Its proportional share of what it has in memory, KiB: pages that several processes use are divided between them. */
export async function pssKb(pid: number): Promise<number> {
  return field(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
}

/** What it has in memory, KiB. */
export async function rssKb(pid: number): Promise<number> {
  return field(await readFile(`/proc/${pid}/status`, 'utf8'), 'VmRSS');
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
}
