import { defaultAnalysisSettings } from '../src/analysis/settings.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import type { Fact } from './law.ts';
import type { Ledger } from './ledger.ts';

const copied = 'equal releases copied to';
const failed = 'equal releases failed by copies';

/** Copies have half of the error that an equal release may be failed by. */
const alpha = defaultAnalysisSettings.alpha / 2;
/** More failures than that are no chance. */
const unlikely = 1e-4;

/**
 * Counts the releases that fail no larger share of requests than stable does, and those of them that copies failed. Where a copy
 * met a dead instance, its release was not equal.
 */
export class EqualCopies {
  readonly #count: (what: string) => void;
  readonly #badShare: (unit: string) => number;
  readonly #copied = new Set<string>();
  readonly #died = new Set<string>();

  /** `badShare`: of the requests to a unit, as only the world knows it. */
  constructor(count: (what: string) => void, badShare: (unit: string) => number) {
    this.#count = count;
    this.#badShare = badShare;
  }

  /** `ledger`: as it was before the fact. */
  hear(fact: Fact, { rollout }: Ledger): void {
    if (fact.kind === 'copied') (fact.died ? this.#died : this.#copied).add(fact.generation);
    if (fact.kind !== 'event' || rollout === null || rollout.plan === null) return;
    const event = { type: fact.event.type, ...(fact.event.data as object) } as RolloutEvent;
    if (event.type !== 'RolloutEnded' || !this.#copied.has(rollout.id) || this.#died.has(rollout.id)) return;
    const { release, previous } = rollout.plan;
    if (this.#badShare(release.unit ?? '') > this.#badShare(previous?.unit ?? '')) return;
    this.#count(copied);
    if (event.reason?.code === 'mirror-failed') this.#count(failed);
  }
}

/** What many seeds together came to. */
export function equalCopies(times: ReadonlyMap<string, number>): {
  readonly copied: number;
  readonly failed: number;
  /** So many would hardly ever be failed by chance. */
  readonly tooMany: boolean;
} {
  const [all, bad] = [times.get(copied) ?? 0, times.get(failed) ?? 0];
  return { copied: all, failed: bad, tooMany: atLeast(bad, all) < unlikely };
}

/** The chance of so many failures or more among `all`, where each fails with the chance α. */
function atLeast(failures: number, all: number): number {
  let chance = (1 - alpha) ** all;
  let fewer = 0;
  for (let k = 0; k < failures; k += 1) {
    fewer += chance;
    chance *= ((all - k) / (k + 1)) * (alpha / (1 - alpha));
  }
  return 1 - fewer;
}
