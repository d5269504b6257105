import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { quoted, tailOf } from './excerpt.ts';
import type { Found } from './found.ts';

export type SearchJob =
  | { readonly kind: 'pattern'; readonly text: string; readonly source: string }
  | { readonly kind: 'json'; readonly text: string; readonly schema: unknown };

/** Where searches are made that could take long. */
export interface Searcher {
  search(job: SearchJob): Promise<Found>;
}

/** From the moment at which it is begun. A schema is compiled, too, and a file of 9 MiB parsed. */
const boundMs = { pattern: 1_000, json: 5_000 } as const;

/**
 * A thread for searches that nobody can say the end of, one at a time. One that takes longer than its bound is ended with the
 * thread, and a new thread takes the next. It is there from the first search on, because it takes as much memory as a small
 * program, and does not keep the process alive unless it is searching.
 */
export class SearchThread implements Searcher {
  readonly #clock: Clock;
  #worker: Promise<Worker> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  search(job: SearchJob): Promise<Found> {
    const found = this.#last.then(() => this.#search(job));
    this.#last = found;
    return found;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
    await this.#last;
  }

  async #search(job: SearchJob): Promise<Found> {
    if (this.#closed) return failed(job, 'the observer was closed');
    try {
      this.#worker ??= startWorker();
      const worker = await this.#worker;
      return await this.#ask(worker, job);
    } catch (error) {
      await this.#end();
      return failed(job, (error as Error).message);
    }
  }

  async #ask(worker: Worker, job: SearchJob): Promise<Found> {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    const ended = () => reject(new Error('the search was ended'));
    const bound = boundMs[job.kind];
    const late = () => reject(new Error(`took too long: ended after ${bound} ms`));
    // An answer that came while this thread was busy is taken first.
    const cancel = this.#clock.after(bound, () => setImmediate(late));
    worker.once('message', resolve).once('error', reject).once('exit', ended);
    worker.ref();
    worker.postMessage(job);
    try {
      return await promise;
    } finally {
      cancel();
      worker.off('message', resolve).off('error', reject).off('exit', ended).unref();
    }
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.then(
      (it) => it.terminate(),
      () => undefined,
    );
  }
}

function startWorker(): Promise<Worker> {
  // Beside this file, with the ending that it has: sources run as they are, and are built for publishing.
  const file = new URL(`./search-worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(file, { env: {}, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 256 } });
  // Told to whoever waits; without a listener it would end the process.
  worker.on('error', () => undefined);
  const started = new Promise<Worker>((resolve, reject) => {
    const ended = () => reject(new Error('the thread for searches did not start'));
    worker.once('error', reject).once('exit', ended);
    worker.once('message', () => {
      worker.off('error', reject).off('exit', ended).unref();
      resolve(worker);
    });
  });
  // Whoever searches is told.
  started.catch(() => undefined);
  return started;
}

function failed(job: SearchJob, why: string): Found {
  const what = job.kind === 'pattern' ? `/${quoted(job.source).slice(1, -1)}/` : 'the JSON';
  return { holds: false, observed: `${what} could not be searched: ${why}`, excerpt: tailOf(job.text) };
}
