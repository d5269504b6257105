import type { Clock } from '../../base/clock.ts';

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
      headers: { ...exchange.headers, ...authorization(exchange.url) },
      redirect: 'manual',
      signal: abort.signal,
      ...(exchange.body === undefined ? {} : { body: exchange.body }),
    });
    const text = await readUpTo(response.body, mostBytes);
    if (text === null) return { kind: 'failed', reason: `the answer is larger than ${mostBytes} bytes` };
    return { kind: 'answered', status: response.status, text };
  } catch (error) {
    if (abort.signal.aborted) return { kind: 'failed', reason: `no answer within ${exchange.timeoutMs} ms` };
    return { kind: 'failed', reason: whyNot(error) };
  } finally {
    cancel();
    abort.abort();
  }
}

async function readUpTo(body: ReadableStream<Uint8Array> | null, most: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function withoutUser(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The code of what lies under fetch's own error, such as ECONNREFUSED; never a message that could hold the URL. */
function whyNot(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return `the request failed: ${code}`;
  }
  return 'the request failed';
}
