/** When an instance that died comes back. */
export interface RestartPolicy {
  /** Before the first restart; doubled for each death in a row. Default 250. */
  readonly firstBackoffMs: number;
  /** Default 10,000. */
  readonly longestBackoffMs: number;
  /** Deaths in a row that make a crash loop. Default 5. */
  readonly deathsToLoop: number;
  /** An instance that was up for so long has begun anew: its death is the first in a row. Default 60,000. */
  readonly calmMs: number;
}

export const standardRestarts: RestartPolicy = {
  firstBackoffMs: 250,
  longestBackoffMs: 10_000,
  deathsToLoop: 5,
  calmMs: 60_000,
};

export type AfterDeath =
  | { readonly kind: 'restart'; readonly deathsInRow: number; readonly delayMs: number }
  | { readonly kind: 'crash-looping'; readonly deathsInRow: number };

/** What follows a death. `deathsInRow` counts those before this one; `upMs` is how long it ran. */
export function afterDeath(
  policy: RestartPolicy,
  { deathsInRow, upMs }: { readonly deathsInRow: number; readonly upMs: number },
): AfterDeath {
  const deaths = upMs >= policy.calmMs ? 1 : deathsInRow + 1;
  if (deaths >= policy.deathsToLoop) return { kind: 'crash-looping', deathsInRow: deaths };
  const delayMs = Math.min(policy.firstBackoffMs * 2 ** (deaths - 1), policy.longestBackoffMs);
  return { kind: 'restart', deathsInRow: deaths, delayMs };
}
