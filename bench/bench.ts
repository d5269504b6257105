/** What a bench comes to: `ok` when each figure meets what is asked of it. */
export interface BenchResult {
  /** Null stands for a figure that could not be measured; it never meets what is asked. A group of them is printed only. */
  readonly figures: Readonly<Record<string, number | null | Readonly<Record<string, number>>>>;
  /** What is asked of each figure, as `<= 0.01`. */
  readonly required: Readonly<Record<string, string>>;
  readonly ok: boolean;
  /**
   * What this machine lacks to compare with, so that some figures are null. Left out where nothing is lacking, and where a
   * figure that could be measured misses what is asked.
   */
  readonly noPeer?: string;
  /** What was measured, the limit and what was asked, for people. */
  readonly lines: readonly string[];
}

export interface Requirement {
  readonly key: string;
  readonly value: number | null;
  readonly relation: '<=' | '>=';
  readonly limit: number;
}

/** Judges the figures, and adds one line for each to what was measured. `lacking`: the peer that is not here, null for none. */
export function resultOf(
  requirements: readonly Requirement[],
  measured: readonly string[],
  lacking: string | null = null,
): BenchResult {
  const excused = lacking !== null && requirements.every((one) => one.value === null || isMet(one));
  return {
    figures: Object.fromEntries(requirements.map(({ key, value }) => [key, value])),
    required: Object.fromEntries(
      requirements.map(({ key, relation, limit }) => [key, `${relation} ${limit}`]),
    ),
    ok: requirements.every(isMet),
    ...(excused && { noPeer: lacking }),
    lines: [...measured, '', ...requirements.map(line)],
  };
}

function isMet({ value, relation, limit }: Requirement): boolean {
  if (value === null || !Number.isFinite(value)) return false;
  return relation === '<=' ? value <= limit : value >= limit;
}

function line(requirement: Requirement): string {
  const { key, value, relation, limit } = requirement;
  const shown = value === null || Number.isInteger(value) ? value : Number(value.toPrecision(4));
  return `${isMet(requirement) ? '✓' : '✗'} ${key} ${shown ?? 'not measured'}, asked ${relation} ${limit}`;
}
