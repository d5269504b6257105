import { defaultEngine } from '../src/router/create-engine.ts';
import { type BenchResult, resultOf } from './bench.ts';
import type { Forwarder } from './proxies/forwarder.ts';
import { type BodySize, bodySizes } from './proxies/load-message.ts';
import { haproxy, missing, nginx } from './proxies/peers.ts';
import { ProxiedOrigin, placementOf } from './proxies/proxied-origin.ts';
import { playRounds } from './proxies/rounds.ts';
import { median } from './quantile.ts';

const connections = 64;
const warmUpMs = 2_000;
const leadMs = 200;
const roundMs = 1_000;
/** Of HAProxy and the engine that users get; the others come along in each third one. */
const rounds = 9;
/** Less of its core than this, and the proxy waited for work: then it was not the proxy that was measured. */
const leastBusy = 0.9;

/** Requests a second of the router beside those of HAProxy and nginx, each on one core with all that it can be asked. */
export async function bench(): Promise<BenchResult> {
  const origin = await ProxiedOrigin.open([haproxy, nginx]);
  try {
    const [small, large] = [await measure(origin, bodySizes[0]), await measure(origin, bodySizes[1])];
    const lacking = [haproxy, nginx].filter((peer) => !origin.peers.has(peer)).map(missing);
    return resultOf(
      [
        { key: 'ratio1k', value: small.ratio, relation: '>=', limit: 0.6 },
        { key: 'ratio64k', value: large.ratio, relation: '>=', limit: 0.6 },
      ],
      [placementOf(origin), ...small.lines, ...large.lines, ...lacking],
      origin.peers.has(haproxy) ? null : haproxy.name,
    );
  } finally {
    await origin.close();
  }
}

interface Round {
  /** Answers in a second of the core. */
  readonly rate: number;
  /** Share of the time in which the proxy ran, or was made to wait for its core. */
  readonly busy: number;
}

interface Measured {
  readonly ratio: number | null;
  readonly lines: readonly string[];
}

async function measure(origin: ProxiedOrigin, bodyBytes: BodySize): Promise<Measured> {
  const peer = origin.peers.get(haproxy);
  const judged = origin.engines[defaultEngine];
  const pair = peer === undefined ? [judged] : [peer, judged];
  const all = [...new Set([...pair, ...origin.peers.values(), ...Object.values(origin.engines)])];
  for (const proxy of all) await ask(origin, proxy, { bodyBytes, forMs: warmUpMs });
  const alone = await measureAlone(origin, bodyBytes);
  const seen = await playRounds(
    rounds,
    (round) => (round % 3 === 1 ? all : pair),
    (proxy) => ask(origin, proxy, { bodyBytes, forMs: roundMs }),
  );
  const peers = (peer && seen.get(peer)) ?? [];
  return {
    ratio: ratioOf(seen.get(judged) ?? [], peers),
    lines: [
      `${bodyBytes / 1_024} KB, ${connections} connections; their core could ask and answer ${Math.round(alone)} times a second without a proxy`,
      ...all.map((proxy) => lineOf(proxy.name, seen.get(proxy) ?? [], peers)),
    ],
  };
}

/** What would limit a faster proxy than these: who asks and who answers, on the one core that they share. */
async function measureAlone(origin: ProxiedOrigin, bodyBytes: BodySize): Promise<number> {
  const { port, pid } = origin.origin;
  const watched = [pid, origin.loadPid];
  const report = await origin.ask({ ...orderOf(port, bodyBytes), forMs: roundMs, watched });
  return (1_000 * report.answers) / report.ranMs;
}

async function ask(
  origin: ProxiedOrigin,
  { port, pid }: Forwarder,
  { bodyBytes, forMs }: { readonly bodyBytes: BodySize; readonly forMs: number },
): Promise<Round> {
  const report = await origin.ask({ ...orderOf(port, bodyBytes), forMs, watched: [pid] });
  return {
    rate: (1_000 * report.answers) / report.ranMs,
    busy: report.busyMs / report.elapsedMs,
  };
}

function orderOf(port: number, bodyBytes: BodySize) {
  return { port, bodyBytes, connections, leadMs, pace: null };
}

/** The median of pairs that were measured one right after the other; null where it would say nothing. */
function ratioOf(ours: readonly Round[], theirs: readonly Round[]): number | null {
  if (theirs.length === 0 || Math.min(busyOf(ours), busyOf(theirs)) < leastBusy) return null;
  return median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? Number.NaN)));
}

function lineOf(name: string, its: readonly Round[], peers: readonly Round[]): string {
  const rate = median(its.map((round) => round.rate));
  const beside =
    peers.length === 0 ? '' : `, ${(rate / median(peers.map((round) => round.rate))).toFixed(2)} of HAProxy`;
  return `  ${name}: ${Math.round(rate)} requests/s${beside}; busy ${Math.round(100 * busyOf(its))} %`;
}

function busyOf(its: readonly Round[]): number {
  return median(its.map(({ busy }) => busy));
}
