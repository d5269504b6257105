import type { EncodedEvent } from './encode-event.ts';
import type { AppendResult, Lease } from './journal.ts';

export interface AppendRequest {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly events: readonly EncodedEvent[];
  readonly lease: Pick<Lease, 'name' | 'fence'> | undefined;
}

type Waiting = AppendRequest & {
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (reason: unknown) => void;
};

/** Group commit: appends that arrive while a commit is under way share the next one. One commit at a time, in order of arrival. */
export class AppendQueue {
  #waiting: Waiting[] = [];
  #draining: Promise<void> | null = null;
  readonly #commit: (requests: readonly AppendRequest[]) => Promise<readonly AppendResult[]>;

  /** `commit` gives one result for each request, or rejects for all of them. */
  constructor(commit: (requests: readonly AppendRequest[]) => Promise<readonly AppendResult[]>) {
    this.#commit = commit;
  }

  add(request: AppendRequest): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...request, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything that was added has its answer. */
  async idle(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  async #drain(): Promise<void> {
    // Whatever else is appended in this turn of the event loop joins the first commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#answer(batch);
    }
    this.#draining = null;
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#commit(batch);
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as AppendResult);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
