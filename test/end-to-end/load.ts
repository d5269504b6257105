import { Agent, get } from 'node:http';

/** Users who ask at a steady rate and remember each answer that was not good. */
export class Load {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timer: ReturnType<typeof setInterval>;
  readonly served: Record<string, number> = {};
  /** Times are wall clock: when it was sent, and when it was known to have failed. */
  readonly failed: { readonly at: number; readonly until: number; readonly what: string }[] = [];
  #open = 0;
  #sent = 0;
  #idle: () => void = () => {};

  constructor(url: string, { rate }: { readonly rate: number }) {
    this.#url = url;
    const begin = performance.now();
    this.#timer = setInterval(() => {
      while (this.#sent < ((performance.now() - begin) / 1000) * rate) this.#send();
    }, 5);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Waits for the last answers. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#open > 0) {
      await new Promise<void>((idle) => {
        this.#idle = idle;
      });
    }
    this.#agent.destroy();
  }

  #send(): void {
    this.#sent += 1;
    this.#open += 1;
    const at = Date.now();
    let told = false;
    const tell = (what: string | null): void => {
      if (told) return;
      told = true;
      if (what !== null) this.failed.push({ at, until: Date.now(), what });
      this.#open -= 1;
      if (this.#open === 0) this.#idle();
    };
    const request = get(this.#url, { agent: this.#agent, timeout: 20_000 }, (response) => {
      const version = String(response.headers['x-version'] ?? '');
      const { statusCode } = response;
      if (version !== '') this.served[version] = (this.served[version] ?? 0) + 1;
      response.resume();
      response.on('end', () => tell(statusCode === 200 ? null : `${statusCode} of ${version || 'Sluice'}`));
      response.on('error', (error) => tell(`cut off: ${error.message}`));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => tell(error.message));
  }
}
