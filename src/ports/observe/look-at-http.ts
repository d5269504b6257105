import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { Look } from '../../base/look.ts';
import { basicAuthorization, withoutUser } from '../metrics/basic-authorization.ts';
import { readUpTo } from '../metrics/read-up-to.ts';
import { headOf } from './excerpt.ts';
import { findMatch } from './matcher.ts';
import type { Searcher } from './search-thread.ts';
import type { Sight } from './seen.ts';

export interface HttpAround {
  readonly clock: Clock;
  readonly thread: Searcher;
  readonly signal?: AbortSignal;
}

const boundMs = 10_000;
const mostBody = 1_048_576;

/** One request on a connection of its own. Redirects are answers. The time counts to the end of the body. */
export async function lookAtHttp(look: Extract<Look, { kind: 'http' }>, around: HttpAround): Promise<Sight> {
  const url = URL.canParse(look.url) ? new URL(look.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { holds: false, observed: `${look.url} is no http or https address` };
  }
  // A hundred modules, which a controller without such a look need not load.
  const { Agent, request } = await import('undici');
  const late = new AbortController();
  const cancel = around.clock.after(boundMs, () => late.abort());
  const signal = around.signal === undefined ? late.signal : AbortSignal.any([late.signal, around.signal]);
  const dispatcher = new Agent({ connect: { timeout: boundMs }, pipelining: 0 });
  try {
    const answer = await ask(request, url, look.method, { dispatcher, signal });
    return await judge(look, answer, around.thread);
  } catch (error) {
    const why = late.signal.aborted ? `no answer within ${boundMs / 1_000} s` : reasonOf(error);
    return { holds: false, observed: `${look.method} ${withoutUser(url)}: ${why}` };
  } finally {
    cancel();
    await dispatcher.destroy();
  }
}

type Request = typeof import('undici')['request'];

interface Answer {
  readonly status: number;
  readonly statusLine: string;
  readonly body: string;
  /** Null when there was more than was read. */
  readonly digest: string | null;
}

async function ask(
  request: Request,
  url: URL,
  method: string,
  { dispatcher, signal }: { readonly dispatcher: Dispatcher; readonly signal: AbortSignal },
): Promise<Answer> {
  const { statusCode, statusText, body } = await request(withoutUser(url), {
    method: method.toUpperCase() as Dispatcher.HttpMethod,
    headers: { 'user-agent': 'sluice', accept: '*/*', ...basicAuthorization(url) },
    dispatcher,
    signal,
  });
  const { bytes, isWhole } = await readUpTo(body, mostBody);
  const reason = statusText || STATUS_CODES[statusCode] || '';
  return {
    status: statusCode,
    statusLine: `HTTP/1.1 ${statusCode} ${reason}`.trim(),
    body: new TextDecoder().decode(bytes, { stream: !isWhole }),
    digest: isWhole ? `sha256:${createHash('sha256').update(bytes).digest('hex')}` : null,
  };
}

async function judge(
  { status, match }: Extract<Look, { kind: 'http' }>,
  answer: Answer,
  thread: Searcher,
): Promise<Sight> {
  const { statusLine, body, digest } = answer;
  const cut = digest === null ? '; of the body only the first MiB was read' : '';
  const isStatus = status === null ? answer.status < 400 : answer.status === status;
  const unlike = isStatus || status === null ? '' : ` instead of ${status}`;
  const sight = { observed: `${statusLine}${unlike}${cut}`, excerpt: headOf(body), digest };
  if (!isStatus || match === null) return { ...sight, holds: isStatus };
  const found = await findMatch(body, match, thread);
  return { ...found, digest, observed: `${statusLine}; the body ${found.observed}${cut}` };
}

/** A name that has several addresses gives an error for each. */
function reasonOf(error: unknown): string {
  const { code, message, errors, cause } = error as NodeJS.ErrnoException & {
    errors?: unknown[];
    cause?: unknown;
  };
  if (errors?.[0] !== undefined && !message) return reasonOf(errors[0]);
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `no such host (${code})`;
  if (code === undefined && cause instanceof Error) return reasonOf(cause);
  return code === undefined ? message : `${message} (${code})`;
}
