import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatDuration } from '../../base/duration.ts';
import { type Check, fail, ok, warn } from './check.ts';

const oldestNode = 24;
const mebibyte = 2 ** 20;
/** Below this a journal that cannot grow stops every rollout. */
const leastFree = 100 * mebibyte;
const wantedFree = 1_024 * mebibyte;
/** Events are written by one machine: what is later than now was written before the clock was set back. */
const slackMs = 2_000;
const muchMs = 5 * 60_000;

export function checkNode(version: string): Check {
  const found = `Node.js ${version}`;
  if (Number.parseInt(version, 10) >= oldestNode) return ok('node', found);
  return fail('node', found, `Install Node.js ${oldestNode} or newer; Sluice needs its node:sqlite.`);
}

/** Of the file system that holds the state directory, or will. */
export async function checkDisk(directory: string): Promise<Check> {
  const { bavail, bsize, files, ffree } = await statfs(await existing(directory));
  const free = bavail * bsize;
  const found = `${Math.floor(free / mebibyte)} MiB free`;
  const remedy = `Make room on the file system of ${directory}; old artifacts and logs lie there too.`;
  if (files > 0 && ffree < 1_000) return fail('disk', `${found}, but only ${ffree} files more`, remedy);
  if (free < leastFree) return fail('disk', found, remedy);
  return free < wantedFree ? warn('disk', found, remedy) : ok('disk', found);
}

/** The wall clock against the last event of the journal. */
export function checkClock(now: number, lastAt: number | null): Check {
  const told = new Date(now).toISOString();
  const remedy = 'Set the clock, and let NTP or chrony keep it; soaks and windows are counted by it.';
  if (now < Date.UTC(2025, 0)) return fail('clock', `it says ${told}`, remedy);
  const ahead = lastAt === null ? 0 : lastAt - now;
  if (ahead <= slackMs) return ok('clock', told);
  const found = `${told}, but the last event was written ${formatDuration(ahead)} later`;
  return ahead > muchMs ? fail('clock', found, remedy) : warn('clock', found, remedy);
}

async function existing(path: string): Promise<string> {
  const there = await statfs(path).then(
    () => true,
    () => false,
  );
  return there || dirname(path) === path ? path : existing(dirname(path));
}
