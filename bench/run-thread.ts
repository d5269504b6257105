import { parentPort, workerData } from 'node:worker_threads';
import type { Share } from './parallel-runs.ts';

// A file of its own: the module that is run imports `parallel-runs.ts`, which must be complete by then.
const { module, jobs } = workerData as Share<unknown>;
const { run } = (await import(module)) as { readonly run: (job: unknown) => unknown };
parentPort?.postMessage(jobs.map((job) => run(job)));
