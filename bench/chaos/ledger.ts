import { quantile } from '../quantile.ts';
import type { Seen } from '../users.ts';
import { count } from './counts.ts';

/** An instance that was killed: between the signal and the moment when nothing of the process was left. ms of the wall clock. */
export interface Kill {
  readonly release: string;
  readonly at: number;
  readonly goneAt: number;
}

/** A request that did not get its whole answer with status 200. */
export type Failure = Pick<Seen, 'ask' | 'status' | 'release' | 'sentAt' | 'endedAt' | 'problem'>;

/** What the instance had is cut off at once; the router's answer about it is not awaited longer. */
const toldWithinMs = 1_000;

/** Every request of the users, and what became of it. */
export class Ledger {
  readonly releases = new Map<string, number>();
  readonly failures: Failure[] = [];
  readonly kills: Kill[] = [];
  readonly latencies: number[] = [];
  requests = 0;

  readonly add = (seen: Seen): void => {
    this.requests += 1;
    this.latencies.push(seen.latencyMs);
    if (seen.release !== null) count(this.releases, seen.release);
    if (seen.status !== 200) this.failures.push(seen);
  };

  /** How long users waited for the head of an answer. */
  tellLatency(): string {
    const [half, most, longest] = [0.5, 0.99, 1].map((share) => quantile(this.latencies, share).toFixed(1));
    return `head after ${half} ms (p50), ${most} ms (p99), ${longest} ms (longest)`;
  }

  /** Lost with an instance that was killed, and apart from them all others, which nothing excuses. */
  judged(): { readonly inFlightOfKilled: readonly Failure[]; readonly failed: readonly Failure[] } {
    const excused = (failure: Failure) => this.kills.some((kill) => wasOn(kill, failure));
    return {
      inFlightOfKilled: this.failures.filter(excused),
      failed: this.failures.filter((failure) => !excused(failure)),
    };
  }
}

/**
 * Whether the request can have been on the instance when it was killed: sent before the process was gone, failed after the
 * signal and within a second, and not known to have been answered by another release.
 */
function wasOn(kill: Kill, { release, sentAt, endedAt }: Failure): boolean {
  return (
    sentAt <= kill.goneAt &&
    endedAt >= kill.at &&
    endedAt <= kill.goneAt + toldWithinMs &&
    (release === null || release === kill.release)
  );
}

/** With what is needed to find its cause: what was asked, and when, beside the last kill before its end. */
export function tellCase(failure: Failure, kills: readonly Kill[]): string {
  const { ask, sentAt, endedAt } = failure;
  const asked = `${ask.method} ${ask.path} on a ${ask.fresh === true ? 'new' : 'kept'} connection`;
  const last = kills.findLast(({ at }) => at <= endedAt);
  const killed =
    last === undefined
      ? 'no instance had been killed'
      : `sent ${(sentAt - last.at).toFixed(1)} ms after the signal to one of ${last.release}, which was gone after ${(last.goneAt - last.at).toFixed(1)} ms`;
  return `${tellFailure(failure)} for ${asked} after ${(endedAt - sentAt).toFixed(1)} ms; ${killed}`;
}

export function tellFailure({ status, release, problem }: Failure): string {
  return problem ?? `status ${status} of ${release ?? 'the router'}`;
}
