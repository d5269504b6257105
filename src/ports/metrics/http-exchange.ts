import type { Clock } from '../../base/clock.ts';
import { basicAuthorization, withoutUser } from './basic-authorization.ts';
import { readUpTo } from './read-up-to.ts';

export interface HttpExchange {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** `failed` says why there is no whole answer, without naming anything of the URL but its host. */
export type HttpAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string };

const mostBytes = 1_048_576;

/**
 * One request. Redirects are answers and are not followed; an answer over 1 MB or past the deadline is a failure. A user
 * and password in the URL are sent as basic authorization.
 */
export async function httpExchange(clock: Clock, exchange: HttpExchange): Promise<HttpAnswer> {
  const abort = new AbortController();
  const cancel = clock.after(exchange.timeoutMs, () => abort.abort());
  try {
    const response = await fetch(withoutUser(exchange.url), {
      method: exchange.method,
      headers: { ...exchange.headers, ...basicAuthorization(exchange.url) },
      redirect: 'manual',
      signal: abort.signal,
      ...(exchange.body === undefined ? {} : { body: exchange.body }),
    });
    const { bytes, isWhole } = await readUpTo(response.body, mostBytes);
    if (!isWhole) return { kind: 'failed', reason: `the answer is larger than ${mostBytes} bytes` };
    return { kind: 'answered', status: response.status, text: bytes.toString() };
  } catch (error) {
    if (abort.signal.aborted) return { kind: 'failed', reason: `no answer within ${exchange.timeoutMs} ms` };
    return { kind: 'failed', reason: whyNot(error) };
  } finally {
    cancel();
    abort.abort();
  }
}

/** The code of what lies under fetch's own error, such as ECONNREFUSED; never a message that could hold the URL. */
function whyNot(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return `the request failed: ${code}`;
  }
  return 'the request failed';
}
