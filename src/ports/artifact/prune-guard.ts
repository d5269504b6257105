import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, sleep } from '../../base/clock.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { type GroupLeader, leaderRuns } from '../runtime/process-group.ts';
import { readProcess } from '../runtime/process-table.ts';
import { systemCode } from './artifact-error.ts';

/** Pruning a large store is a matter of seconds; one that takes longer hangs. */
const longestPruneMs = 60_000;
const againMs = 20;

/**
 * Keeps pruning and adding apart, also when they are different processes: an add trusts blobs that it finds, and a prune
 * would take them before the add has told that it wants them. Each first shows that it is there (an add by its staging
 * directory, a prune by its mark) and looks for the other then, so at least one of two at once sees the other.
 */
export interface PruneGuard {
  /** Runs `work` unless another process prunes or `busy` says, with the mark set, that one adds; null then. */
  prune<T>(busy: () => Promise<boolean>, work: () => Promise<T>): Promise<T | null>;
  /** Resolves when nobody prunes. Rejects with `artifact-store-busy` after a minute. Called with the staging directory made. */
  untilNobodyPrunes(): Promise<void>;
}

export function openPruneGuard(path: string, clock: Clock): PruneGuard {
  return {
    async prune(busy, work) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // A controller that lost its lease may still be at it; in one process prunes run one after the other.
      const other = await whoPrunes(path);
      if (other !== null && other.pid !== process.pid) return null;
      await replaceFile(path, JSON.stringify(await ownProcess()));
      try {
        return (await busy()) ? null : await work();
      } finally {
        await rm(path, { force: true });
      }
    },
    async untilNobodyPrunes() {
      const until = clock.monotonicMs() + longestPruneMs;
      for (let by = await whoPrunes(path); by !== null; by = await whoPrunes(path)) {
        if (clock.monotonicMs() > until) throw busyStore(by.pid);
        await sleep(clock, againMs);
      }
    },
  };
}

async function ownProcess(): Promise<GroupLeader> {
  const found = await readProcess(process.pid);
  return { pid: process.pid, startedAt: found?.startedAt ?? '' };
}

/** A mark whose process is gone was left by a kill, and the next prune writes over it. */
async function whoPrunes(path: string): Promise<GroupLeader | null> {
  try {
    const leader = JSON.parse(await readFile(path, 'utf8')) as GroupLeader;
    return (await leaderRuns(leader)) ? leader : null;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function busyStore(pid: number): SluiceError {
  return new SluiceError({
    code: 'artifact-store-busy',
    message: `Process ${pid} has been removing old artifacts for more than ${longestPruneMs / 1_000} s.`,
    remedy: 'Wait for it and add the artifact again; if it hangs, `sluice down` ends it.',
  });
}
