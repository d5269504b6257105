/**
 * Users of the demo, as a process of their own: requests at a constant arrival rate, whatever the answers. Prints one JSON
 * line a second and a summary at the end. Usage: load.ts URL --rate 300 --seconds 120 --count 60000. Ends at SIGTERM,
 * at `--seconds`, at `--count` or when its parent closes standard input, whichever comes first.
 */
import { Agent, get } from 'node:http';
import { parseArgs } from 'node:util';
import { emptyTally, type LoadLine, type Tally } from './load-line.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '180' },
    count: { type: 'string', default: '100000' },
  },
});
const url = positionals[0];
const [rate, seconds, count] = [Number(values.rate), Number(values.seconds), Number(values.count)];
if (url === undefined || !(rate > 0 && rate <= 20_000) || !(seconds > 0) || !(count > 0)) {
  console.error('usage: load.ts URL --rate REQUESTS_PER_SECOND --seconds N --count N');
  process.exit(2);
}

const slowMs = 100;
const timeoutMs = 30_000;
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const paths = [
  '/',
  '/products?q=oak',
  '/products/p7',
  '/cart?ids=p1,p9,p1',
  '/products?q=lamp',
  '/products/p23',
];
const total = new Map<string, Tally>();
let sluiceFailures = 0;
const failedAt: LoadLine['failedAt'][number][] = [];
let sent = 0;
let open = 0;
let ending = false;
const startedAt = performance.now();

const arrivals = setInterval(arrive, 5);
const report = setInterval(() => print('second'), 1000);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).on('error', end).resume();

/** Requests due by now are sent now: a slow answer never lowers the arrival rate. */
function arrive(): void {
  const elapsed = (performance.now() - startedAt) / 1000;
  const due = Math.min(count, Math.floor(elapsed * rate));
  while (sent < due) send(paths[sent % paths.length] as string);
  if (elapsed >= seconds || sent >= count) end();
}

function send(path: string): void {
  sent += 1;
  open += 1;
  const at = Date.now();
  const begin = performance.now();
  let over = false;
  const finish = (version: string | null, status: number | null, reason: string | null): void => {
    if (over) return;
    over = true;
    open -= 1;
    record({ version, status, reason, at, latencyMs: performance.now() - begin });
    if (ending && open === 0) print('end');
  };
  const request = get(new URL(path, url), { agent, timeout: timeoutMs }, (response) => {
    const version = String(response.headers['x-shop-version'] ?? '') || null;
    const status = response.statusCode ?? null;
    response.resume();
    response.on('end', () => finish(version, status, null));
    response.on('error', (error) => finish(version, null, error.message));
  });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  request.on('error', (error) => finish(null, null, error.message));
}

/** An answer of the shop names its version. What comes without one, or is cut off, is a failure of Sluice. */
function record(seen: {
  readonly version: string | null;
  readonly status: number | null;
  readonly reason: string | null;
  readonly at: number;
  readonly latencyMs: number;
}): void {
  const { version, status, reason, at, latencyMs } = seen;
  if (version === null || status === null) {
    sluiceFailures += 1;
    if (failedAt.length < 200) failedAt.push({ at, version: null, what: reason ?? `status ${status}` });
    return;
  }
  const tally = total.get(version) ?? emptyTally(at);
  const failed = status >= 500;
  const now = Date.now();
  total.set(version, {
    served: tally.served + 1,
    failed: tally.failed + (failed ? 1 : 0),
    slow: tally.slow + (!failed && latencyMs >= slowMs ? 1 : 0),
    firstAt: Math.min(tally.firstAt, at),
    // The arrival of the request, not of its answer: draining a slow one is not traffic.
    lastAt: Math.max(tally.lastAt, at),
    firstFailureAt: tally.firstFailureAt ?? (failed ? now : null),
  });
  if (failed && failedAt.length < 2000) failedAt.push({ at: now, version, what: `status ${status}` });
}

function end(): void {
  if (ending) return;
  ending = true;
  clearInterval(arrivals);
  clearInterval(report);
  if (open === 0) print('end');
}

function print(type: LoadLine['type']): void {
  const line: LoadLine = {
    type,
    at: Date.now(),
    sent,
    served: [...total.values()].reduce((sum, { served }) => sum + served, 0),
    sluiceFailures,
    versions: Object.fromEntries(total),
    failedAt: type === 'end' ? failedAt : [],
  };
  process.stdout.write(`${JSON.stringify(line)}\n`, () => {
    if (type !== 'end') return;
    agent.destroy();
    process.exit(0);
  });
}
