import type { Clock } from '../../base/clock.ts';
import type { IdleWatch } from '../idle-watch.ts';
import type { ForwardedResponse } from './forwarded-response.ts';
import type { RequestParser } from './request-parser.ts';
import type { ResponseParser } from './response-parser.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** What all connections of the engine share. A parser holds what it read until the next read, and no longer. */
export interface FastTools {
  readonly clock: Clock;
  readonly idle: IdleWatch;
  readonly pool: UpstreamPool;
  readonly requests: RequestParser;
  readonly responses: ResponseParser;
  readonly forwarded: ForwardedResponse;
}
