import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Jobs and results cross threads: plain data only. */
export interface Share<Job> {
  readonly module: string;
  readonly jobs: readonly Job[];
}

/**
 * Runs the exported function `run` of a module on every job, on all processors; results stand in the order of the jobs.
 * A job carries its own seed, so the number of processors changes nothing but the time.
 */
export async function parallelRuns<Job, Result>(module: URL, jobs: readonly Job[]): Promise<Result[]> {
  const threads = Math.max(1, Math.min(availableParallelism(), jobs.length));
  const results: Result[] = new Array(jobs.length);
  await Promise.all(
    Array.from({ length: threads }, async (_, thread) => {
      const mine = jobs.filter((_job, k) => k % threads === thread);
      const found = await inWorker<Job, Result>({ module: module.href, jobs: mine });
      found.forEach((result, k) => {
        results[k * threads + thread] = result;
      });
    }),
  );
  return results;
}

function inWorker<Job, Result>(share: Share<Job>): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./run-thread.ts', import.meta.url), { workerData: share });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`A thread of the bench ended with code ${code}.`)));
  });
}
