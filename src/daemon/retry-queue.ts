import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { replaceFile } from '../disk/replace-file.ts';
import { type Delivery, deliveryId, laneOf } from './delivery.ts';

const firstDelayMs = 2_000;
const longestDelayMs = 5 * 60_000;
/** A notice of yesterday helps nobody; what was given up is recorded. */
const longestWaitMs = 6 * 3_600_000;
const mostInLane = 200;

export interface RetryQueueOptions {
  /** File in which what waits survives a crash. */
  readonly path: string;
  readonly clock: Clock;
  /** Rejects when it did not arrive. */
  readonly attempt: (delivery: Delivery) => Promise<void>;
  readonly givenUp: (delivery: Delivery, facts: GivenUp) => Promise<void>;
  readonly log: (line: string) => void;
}

export interface GivenUp {
  readonly since: number;
  readonly attempts: number;
  readonly error: string;
}

interface Waiting {
  readonly delivery: Delivery;
  /** Wall clock of the first failure. */
  readonly since: number;
  readonly attempts: number;
}

/**
 * Deliveries that failed. Each receiver is a lane: the first of a lane is tried again with growing delays, the others wait
 * behind it in order, and no lane holds up another. Bounded in time and number.
 */
export class RetryQueue {
  readonly #options: RetryQueueOptions;
  readonly #lanes = new Map<string, Waiting[]>();
  readonly #runs = new Map<string, Promise<void>>();
  readonly #wakes = new Map<string, () => void>();
  #saving: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: RetryQueueOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const text = await readFile(this.#options.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    for (const waiting of parsed(text, this.#options.log)) this.#push(waiting);
    for (const lane of this.#lanes.keys()) this.#start(lane);
  }

  /** Leaves what waits on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#wakes.values()) wake();
    await Promise.all(this.#runs.values());
    await this.#saving;
  }

  /** True while an earlier delivery to the same receiver waits: a later one must not overtake it. */
  isWaiting(delivery: Delivery): boolean {
    return (this.#lanes.get(laneOf(delivery))?.length ?? 0) > 0;
  }

  /** Resolves when it is on disk. Adding what waits already changes nothing, but for a file its text. */
  async add(delivery: Delivery, attempts: number): Promise<void> {
    const lane = laneOf(delivery);
    this.#push({ delivery, since: this.#options.clock.now(), attempts });
    await this.#save();
    this.#start(lane);
  }

  #push(waiting: Waiting): void {
    const lane = laneOf(waiting.delivery);
    const list = this.#lanes.get(lane) ?? [];
    const id = deliveryId(waiting.delivery);
    const there = list.findIndex(({ delivery }) => deliveryId(delivery) === id);
    if (there === -1) list.push(waiting);
    else list[there] = { ...(list[there] as Waiting), delivery: waiting.delivery };
    this.#lanes.set(lane, list);
  }

  #start(lane: string): void {
    if (this.#closed || this.#runs.has(lane)) return;
    const run = this.#run(lane)
      .catch((error: unknown) => this.#options.log(`outbox: ${String(error)}`))
      .finally(() => {
        this.#runs.delete(lane);
        if (!this.#closed && this.#lanes.has(lane)) this.#start(lane);
      });
    this.#runs.set(lane, run);
  }

  async #run(lane: string): Promise<void> {
    let delayMs = firstDelayMs;
    for (let first = this.#first(lane); first !== undefined; first = this.#first(lane)) {
      await this.#sleep(lane, delayMs);
      if (this.#closed) return;
      const error = await this.#options.attempt(first.delivery).then(
        () => null,
        (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
      );
      // Closed meanwhile: what arrived is removed all the same, or it would come twice.
      if (error === null) {
        delayMs = 0;
        await this.#remove(lane, first);
      } else {
        delayMs = Math.min(longestDelayMs, Math.max(firstDelayMs, 2 * delayMs));
        await this.#failed(lane, first, error);
      }
    }
  }

  #first(lane: string): Waiting | undefined {
    return this.#lanes.get(lane)?.[0];
  }

  async #failed(lane: string, waiting: Waiting, error: string): Promise<void> {
    const list = this.#lanes.get(lane) ?? [];
    const attempts = waiting.attempts + 1;
    const { since } = waiting;
    const over = this.#options.clock.now() - since >= longestWaitMs || list.length > mostInLane;
    if (over) {
      await this.#options.givenUp(waiting.delivery, { since, attempts, error });
      return this.#remove(lane, waiting);
    }
    list[0] = { ...(list[0] ?? waiting), attempts };
    await this.#save();
  }

  async #remove(lane: string, waiting: Waiting): Promise<void> {
    const id = deliveryId(waiting.delivery);
    // A file that was written anew meanwhile stays: the text that waits now has not arrived.
    const rest = (this.#lanes.get(lane) ?? []).filter(
      ({ delivery }) => deliveryId(delivery) !== id || delivery !== waiting.delivery,
    );
    if (rest.length === 0) this.#lanes.delete(lane);
    else this.#lanes.set(lane, rest);
    await this.#save();
  }

  /** One write after the other, each with what waits at its moment. */
  #save(): Promise<void> {
    const next = this.#saving.then(() =>
      replaceFile(this.#options.path, `${JSON.stringify([...this.#lanes.values()].flat())}\n`),
    );
    // Whoever asked gets the rejection; the chain only needs to know that it ended.
    this.#saving = next.catch(() => undefined);
    return next;
  }

  /** Ends early when the queue is closed, and leaves no timer behind. */
  async #sleep(lane: string, delayMs: number): Promise<void> {
    if (delayMs === 0 || this.#closed) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(delayMs, resolve);
      this.#wakes.set(lane, () => {
        cancel();
        resolve();
      });
    });
    this.#wakes.delete(lane);
  }
}

/** A file that cannot be read is told of and left behind: new deliveries must not wait for it. */
function parsed(text: string, log: (line: string) => void): readonly Waiting[] {
  try {
    return JSON.parse(text) as readonly Waiting[];
  } catch (error) {
    log(`outbox: what waited for another try cannot be read: ${String(error)}`);
    return [];
  }
}
