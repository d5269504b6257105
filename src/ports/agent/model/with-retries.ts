import { type Clock, sleep } from '../../../base/clock.ts';

const mostTries = 6;
const firstMs = 1_000;
/** An endpoint that wants us to wait longer is asked again after this all the same. */
const longestMs = 60_000;

/** Asks again, later each time, when the endpoint is busy, broken or silent; what it says about when is heeded. */
export async function withRetries<T>(clock: Clock, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (tries === mostTries || !mayPass(error)) throw error;
      await pause(clock, signal, waitMs(error, tries, clock.now()));
    }
  }
}

/** The parts of the SDK's errors that count here. */
interface EndpointError {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly isRetryable?: boolean;
}

/** An error without a status came before the answer, or broke it off. */
function mayPass(error: unknown): boolean {
  const { statusCode } = (error ?? {}) as EndpointError;
  return (
    statusCode === undefined ||
    statusCode < 400 ||
    statusCode >= 500 ||
    [408, 409, 425, 429].includes(statusCode)
  );
}

function waitMs(error: unknown, tries: number, now: number): number {
  const own = firstMs * 2 ** (tries - 1);
  const { responseHeaders = {} } = (error ?? {}) as EndpointError;
  return Math.min(longestMs, Math.max(0, toldMs(responseHeaders, now) ?? own));
}

/** `retry-after-ms`, or `retry-after` as seconds or as a date. */
function toldMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact)) return exact;
  const told = headers['retry-after'];
  if (told === undefined) return null;
  const ms = /^\s*\d+(?:\.\d+)?\s*$/.test(told) ? Number(told) * 1_000 : Date.parse(told) - now;
  return Number.isFinite(ms) ? ms : null;
}

async function pause(clock: Clock, signal: AbortSignal, ms: number): Promise<void> {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([sleep(clock, ms), stopped]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
}
