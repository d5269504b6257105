import { defaultEngine } from '../src/router/create-engine.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { bodySizes } from './proxies/load-message.ts';
import { haproxy, missing } from './proxies/peers.ts';
import { type Origin, ProxiedOrigin, placementOf } from './proxies/proxied-origin.ts';
import { playRounds } from './proxies/rounds.ts';
import { median, quantile } from './quantile.ts';

const requestsPerSecond = 1_000;
const connections = 50;
const warmUpMs = 3_000;
const leadMs = 300;
const roundMs = 2_000;
const roundCount = 7;

/** What the router adds to the time of an answer at a thousand requests a second, and what HAProxy adds. */
export async function bench(): Promise<BenchResult> {
  const origin = await ProxiedOrigin.open([haproxy]);
  try {
    const peer = origin.peers.get(haproxy);
    const proxies = [...(peer === undefined ? [] : [peer]), ...Object.values(origin.engines)];
    const asked: readonly Origin[] = [origin.origin, ...proxies];
    for (const one of asked) await ask(origin, one, warmUpMs);
    const seen = await playRounds(
      roundCount,
      () => asked,
      (one) => ask(origin, one, roundMs),
    );
    const direct = seen.get(origin.origin) ?? [];
    const addedBy = (one: Origin) => added(seen.get(one) ?? [], direct);
    const [ours, theirs] = [
      addedBy(origin.engines[defaultEngine]),
      peer === undefined ? null : addedBy(peer),
    ];
    return resultOf(
      [
        { key: 'p50AddedMs', value: ours.p50, relation: '<=', limit: 1 },
        { key: 'p99AddedMs', value: ours.p99, relation: '<=', limit: Math.max(1, 1.5 * (theirs?.p99 ?? 0)) },
        { key: 'haproxyP99AddedMs', value: theirs?.p99 ?? null, relation: '>=', limit: 0 },
      ],
      [
        placementOf(origin),
        `${requestsPerSecond} requests/s of 1 KB on ${connections} connections; without a proxy ${text(middle(direct))}`,
        ...proxies.map((proxy) => `  ${proxy.name}: adds ${text(addedBy(proxy))}`),
        ...(peer === undefined ? [missing(haproxy)] : []),
      ],
      peer === undefined ? haproxy.name : null,
    );
  } finally {
    await origin.close();
  }
}

interface Times {
  readonly p50: number;
  readonly p99: number;
}

async function ask(origin: ProxiedOrigin, { port }: Origin, forMs: number): Promise<Times> {
  const pace = requestsPerSecond;
  const order = { port, bodyBytes: bodySizes[0], connections, leadMs, forMs, pace, watched: [] };
  const { latenciesMs } = await origin.ask(order);
  return { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) };
}

/** The median over the rounds of what came on top of the same round without a proxy. */
function added(rounds: readonly Times[], direct: readonly Times[]): Times {
  return middle(
    rounds.map(({ p50, p99 }, round) => {
      const without = direct[round] ?? { p50: Number.NaN, p99: Number.NaN };
      return { p50: p50 - without.p50, p99: p99 - without.p99 };
    }),
  );
}

function middle(rounds: readonly Times[]): Times {
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}

function text({ p50, p99 }: Times): string {
  return `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`;
}
