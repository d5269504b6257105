import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What one user saw. */
export interface Seen {
  readonly ask: Ask;
  /** Null when no answer came, or not all of it. */
  readonly status: number | null;
  /** The release that answered; null when none did. */
  readonly release: string | null;
  /** When the instance had the request, ms of the wall clock; null when none had it. */
  readonly at: number | null;
  readonly latencyMs: number;
  /** When it was sent, and when all of its answer was there or it was known to fail: ms of the wall clock. */
  readonly sentAt: number;
  readonly endedAt: number;
  /** It failed as any release would have failed it. */
  readonly usual: boolean;
  readonly problem: string | null;
}

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** A connection of its own for each request. Default false: connections are kept and used again. */
  readonly fresh?: boolean;
}

/** Every kind of request that an instance may be asked, more often the kinds that users send most. */
export const everyKind: readonly Ask[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/' },
  { method: 'POST', path: '/' },
  { method: 'GET', path: '/slow' },
  { method: 'GET', path: '/' },
  { method: 'POST', path: '/', fresh: true },
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/slow', fresh: true },
  { method: 'POST', path: '/slow' },
];

const timeoutMs = 30_000;
const body = 'what the user sends';

/** Requests at an arrival rate that does not wait for the answers. */
export class Users {
  readonly #url: URL;
  readonly #asks: readonly Ask[];
  readonly #onSeen: (seen: Seen) => void;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #timer: NodeJS.Timeout;
  #rate: number;
  #lookedAt = performance.now();
  #due = 0;
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

  get open(): number {
    return this.#open;
  }

  /** Requests a second from now on. */
  set rate(rate: number) {
    this.#rate = rate;
  }

  /** That many at the same moment, beside the steady rate. */
  burst(count: number): void {
    this.#due += count;
  }

  /** Sends no more, and waits for the answers that are due. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#open > 0) await sleep(10);
    this.#agent.destroy();
  }

  #arrive(): void {
    const now = performance.now();
    this.#due += ((now - this.#lookedAt) / 1000) * this.#rate;
    this.#lookedAt = now;
    for (; this.#due >= 1; this.#due -= 1) this.#ask(this.#asks[this.#sent % this.#asks.length] as Ask);
  }

  #ask(ask: Ask): void {
    const { method, path, fresh = false } = ask;
    this.#sent += 1;
    this.#open += 1;
    const begin = performance.now();
    const sentAt = wallMs();
    let latencyMs = 0;
    let [release, at]: [string | null, number | null] = [null, null];
    let usual = false;
    let over = false;
    const finish = (status: number | null, problem: string | null) => {
      if (over) return;
      over = true;
      this.#open -= 1;
      this.#onSeen({ ask, status, release, at, latencyMs, sentAt, endedAt: wallMs(), usual, problem });
    };
    const asked = request(
      new URL(path, this.#url),
      { method, agent: fresh ? false : this.#agent, timeout: timeoutMs },
      (answer) => {
        latencyMs = performance.now() - begin;
        release = header(answer.headers['x-release']);
        usual = header(answer.headers['x-usual']) !== null;
        const stamp = header(answer.headers['x-at']);
        at = stamp === null ? null : Number(stamp);
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => {
          const { statusCode = 0 } = answer;
          const whole = statusCode !== 200 || text === 'ok\n';
          finish(whole ? statusCode : null, whole ? null : `not the whole answer: ${JSON.stringify(text)}`);
        });
        answer.on('error', (error) => finish(null, error.message));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    asked.on('error', (error) => finish(null, error.message));
    asked.end(method === 'POST' ? body : undefined);
  }
}

/** Finer than `Date.now`, and the same clock. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

function header(value: string | readonly string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
