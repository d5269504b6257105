import type { Clock } from '../../base/clock.ts';
import type { Engine } from '../engine.ts';
import { IdleWatch } from '../idle-watch.ts';
import { FastListening } from './fast-listening.ts';
import type { FastTools } from './fast-tools.ts';
import { ForwardedResponse } from './forwarded-response.ts';
import { RequestParser } from './request-parser.ts';
import { ResponseParser } from './response-parser.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** The engine on `node:net`: reads heads, forwards bodies untouched, keeps connections on both sides. */
export function createFastEngine(clock: Clock): Engine {
  const responses = new ResponseParser();
  const tools: FastTools = {
    clock,
    idle: new IdleWatch(clock),
    pool: new UpstreamPool(clock),
    requests: new RequestParser(),
    responses,
    forwarded: new ForwardedResponse(responses),
  };
  return {
    name: 'fast',
    async listen(address, site, from) {
      const listening = new FastListening(site, tools);
      await listening.open(address, from);
      return listening;
    },
    retire: (address) => tools.pool.retire(address),
    close() {
      tools.idle.close();
      tools.pool.close();
    },
  };
}
