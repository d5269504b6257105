import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What one user saw. */
export interface Seen {
  /** Null when no answer came, or not all of it. */
  readonly status: number | null;
  /** The release that answered; null when none did. */
  readonly release: string | null;
  /** When the instance had the request, ms of the wall clock; null when none had it. */
  readonly at: number | null;
  readonly latencyMs: number;
  readonly problem: string | null;
}

interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

const timeoutMs = 30_000;

/** Requests at a constant arrival rate, whatever the answers. */
export class Users {
  readonly #url: URL;
  readonly #rate: number;
  readonly #asks: readonly Ask[];
  readonly #onSeen: (seen: Seen) => void;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #open = 0;

  /** @param options `rate` is requests a second; `asks` are asked in turn. */
  constructor(
    url: string,
    options: { readonly rate: number; readonly asks: readonly Ask[]; readonly onSeen: (seen: Seen) => void },
  ) {
    this.#url = new URL(url);
    this.#rate = options.rate;
    this.#asks = options.asks;
    this.#onSeen = options.onSeen;
    this.#timer = setInterval(() => this.#arrive(), 5);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Sends no more, and waits for the answers that are due. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#open > 0) await sleep(10);
    this.#agent.destroy();
  }

  #arrive(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) / 1000) * this.#rate);
    while (this.#sent < due) this.#ask(this.#asks[this.#sent % this.#asks.length] as Ask);
  }

  #ask({ method, path }: Ask): void {
    this.#sent += 1;
    this.#open += 1;
    const begin = performance.now();
    let latencyMs = 0;
    let [release, at]: [string | null, number | null] = [null, null];
    let over = false;
    const finish = (status: number | null, problem: string | null) => {
      if (over) return;
      over = true;
      this.#open -= 1;
      this.#onSeen({ status, release, at, latencyMs, problem });
    };
    const asked = request(
      new URL(path, this.#url),
      { method, agent: this.#agent, timeout: timeoutMs },
      (answer) => {
        latencyMs = performance.now() - begin;
        release = header(answer.headers['x-release']);
        const stamp = header(answer.headers['x-at']);
        at = stamp === null ? null : Number(stamp);
        answer.resume();
        answer.on('end', () => finish(answer.statusCode ?? null, null));
        answer.on('error', (error) => finish(null, error.message));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    asked.on('error', (error) => finish(null, error.message));
    asked.end(method === 'POST' ? 'a body' : undefined);
  }
}

function header(value: string | readonly string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
