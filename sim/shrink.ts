import { type SeedOptions, type SeedResult, simulate } from './simulate.ts';

/** Enough for a few dozen strikes; a failing run ends where it fails, and the others are played to their end. */
const mostRuns = 600;

export interface Shrunk {
  /** Names of what must strike and who must ask for the same law to be broken. */
  readonly only: readonly string[];
  readonly result: SeedResult;
  /** How many runs it took to find out. */
  readonly runs: number;
}

/**
 * Leaves out of a failing run what its law is broken without: halves first, then smaller and smaller parts, until nothing
 * more can go (delta debugging, Zeller and Hildebrandt 2002). What is left out of the result leaves the law whole, one by one,
 * unless the search came to its bound.
 */
export async function shrink(
  failing: SeedResult,
  options: SeedOptions = {},
  bound: number = mostRuns,
): Promise<Shrunk> {
  const law = failing.broken?.law;
  let shrunk: Shrunk = { only: [...new Set(failing.struck)], result: failing, runs: 0 };
  let runs = 0;
  for (let parts = 1; shrunk.only.length > 0 && runs < bound; ) {
    const { only } = shrunk;
    const size = Math.ceil(only.length / parts);
    let smaller: Shrunk | null = null;
    for (let from = 0; from < only.length && smaller === null && runs < bound; from += size) {
      runs += 1;
      const kept = only.filter((_, k) => k < from || k >= from + size);
      const result = await simulate(failing.seed, { ...options, only: kept });
      // What did not strike any more is not needed either.
      const struck = new Set(result.struck);
      if (result.broken?.law === law)
        smaller = { only: kept.filter((name) => struck.has(name)), result, runs };
    }
    if (smaller === null && size === 1) break;
    parts = smaller === null ? Math.min(2 * parts, only.length) : Math.max(parts - 1, 1);
    shrunk = smaller ?? shrunk;
  }
  return { ...shrunk, runs };
}
