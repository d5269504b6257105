import type { Cancel, Clock } from '../../../base/clock.ts';

/** A model that sends nothing for so long has forgotten us. */
const idleMs = 120_000;
/** One answer with all that frames it. */
const mostBytes = 32 * 2 ** 20;

/**
 * `fetch` for a model's endpoint: without redirects, which would carry the key elsewhere, with a bound on silence and on
 * the bytes of one answer. `dropped` are headers that are not sent.
 */
export function modelFetch(clock: Clock, dropped: readonly string[]): typeof globalThis.fetch {
  return async (input, init) => {
    const patience = new Patience(clock);
    const headers = new Headers(init?.headers);
    for (const name of dropped) headers.delete(name);
    const signal = AbortSignal.any([patience.signal, ...(init?.signal ? [init.signal] : [])]);
    try {
      const response = await fetch(input, { ...init, headers, signal, redirect: 'error' });
      const { status, statusText, headers: told } = response;
      const body = response.body === null ? null : ReadableStream.from(watched(response.body, patience));
      if (body === null) patience.end();
      return new Response(body, { status, statusText, headers: told });
    } catch (error) {
      patience.end();
      throw error;
    }
  };
}

/** Ends when whoever reads it does. */
async function* watched(body: AsyncIterable<Uint8Array>, patience: Patience): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      patience.renew();
      bytes += chunk.byteLength;
      if (bytes > mostBytes) throw new Error(`The answer has more than ${mostBytes} bytes.`);
      yield chunk;
    }
  } finally {
    patience.end();
  }
}

class Patience {
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #cancel: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.renew();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  renew(): void {
    this.end();
    const silent = () =>
      this.#abort.abort(new Error(`The endpoint has sent nothing for ${idleMs / 1_000} s.`));
    this.#cancel = this.#clock.after(idleMs, silent);
  }

  end(): void {
    this.#cancel();
  }
}
