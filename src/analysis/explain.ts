import type { AbsoluteFigures, Figures, MirrorFigures, RateFigure } from './figures.ts';

type Kind = 'failed' | 'successful' | 'inconclusive' | 'error';

const meanings: Readonly<Record<string, string>> = {
  errors: 'more of its requests fail',
  'client errors': 'more of its requests are answered with 4xx',
  'error rate limit': 'its error rate is above the limit',
  'CPU per request': 'it uses more CPU for each request',
  'memory per instance': 'its instances use more memory',
  'latency limit': 'its 95 % latency is above the allowed multiple of stable’s',
};

/** Sentences about a comparison, the most important first. */
export function explainVerdict(kind: Kind, because: readonly string[], figures: Figures): readonly string[] {
  return [headline(kind, because), rates(figures), ...evidence(kind, figures)];
}

/** Sentences about a candidate beside which nothing ran. */
export function explainAbsolute(
  kind: Kind,
  figures: AbsoluteFigures,
  because: string | null,
): readonly string[] {
  const { limit } = figures;
  const beside = 'Uncompared: nothing ran beside the candidate, so only absolute limits judge.';
  const seen = `Candidate ${rate(figures)}.`;
  if (kind === 'failed' && because !== null)
    return [`The candidate is worse than before: ${meaning(because)}.`, seen, beside];
  if (limit === null)
    return ['No limit of the error rate is set, so nothing can be concluded.', seen, beside];
  const against = {
    failed: `The candidate's error rate is above the limit of ${percent(limit)}.`,
    successful: `The candidate's error rate is below the limit of ${percent(limit)}.`,
    inconclusive: `Whether the candidate's error rate is below the limit of ${percent(limit)} is not known yet.`,
    error: 'The measurements cannot be judged.',
  }[kind];
  return [against, seen, beside];
}

/** Sentences about copies of requests that no user waited for. */
export function explainMirror(
  kind: 'failed' | 'doubtful' | 'unharmed',
  { candidate, stable, logE, threshold, alpha }: MirrorFigures,
): readonly string[] {
  const headlines = {
    failed: 'The candidate is worse than stable: more of the copies that it got fail.',
    doubtful: 'More of the copies fail, but not so many that chance is ruled out.',
    unharmed:
      candidate.requests === 0 ? 'No copy was answered.' : 'Nothing shows that the candidate is worse.',
  };
  const rates = `Copies: candidate ${rate(candidate)}; stable ${rate(stable)}.`;
  const bar = `Evidence it is bad: ${value(logE)} of ${value(threshold)}.`;
  return [headlines[kind], rates, bar, ...(kind === 'failed' ? [atMost(alpha)] : [])];
}

function headline(kind: Kind, because: readonly string[]): string {
  switch (kind) {
    case 'failed':
      return `The candidate is worse than stable: ${because.map(meaning).join(', and ')}.`;
    case 'successful':
      return 'The candidate is not worse than stable by more than the margin.';
    case 'error':
      return 'The measurements cannot be judged.';
    case 'inconclusive':
      return because.length === 0
        ? 'No verdict.'
        : `Not enough evidence yet: ${because.map(missing).join(', ')}.`;
  }
}

function rates({ candidate, stable, stableMatched }: Figures): string {
  const [low, high] = stable.interval;
  const differs =
    stableMatched !== null && stable.requests > 0 && (stableMatched < low || stableMatched > high);
  // Totals alone would seem to contradict the verdict.
  const matched = differs ? `, ${percent(stableMatched)} weighted by the candidate's times` : '';
  return `Candidate ${rate(candidate)}; stable ${rate(stable)}${matched}.`;
}

function evidence(
  kind: Kind,
  { harm, safe, ratio, worseBy, requestsToGo, alpha }: Figures,
): readonly string[] {
  const bars = `Evidence it is bad: ${value(harm.logE)} of ${value(harm.threshold)}; evidence it is safe: ${value(safe.logE)} of ${value(safe.threshold)}.`;
  const lines = [bars];
  if (ratio !== null)
    lines.push(`Its error rate is ${number(ratio[0])} to ${number(ratio[1])} times stable's.`);
  if (worseBy !== null && worseBy > 1) lines.push(`It is worse by at least ${worseBy} ×.`);
  if (kind === 'inconclusive' && requestsToGo !== null && requestsToGo > 0) {
    lines.push(`At the present growth about ${requestsToGo} more candidate requests settle it.`);
  }
  if (kind === 'failed') lines.push(atMost(alpha));
  return lines;
}

function meaning(name: string): string {
  return meanings[name] ?? `its ${name} is worse`;
}

function missing(name: string): string {
  if (name === 'harm') return 'there is some evidence of harm';
  return name === 'bake' ? 'the bake time is not over' : `${name} not shown to be safe`;
}

function rate({ requests, bad, interval }: RateFigure): string {
  const share = requests === 0 ? 'no requests' : `${bad} of ${requests} bad, ${percent(bad / requests)}`;
  return requests === 0 ? share : `${share} (${percent(interval[0])} to ${percent(interval[1])})`;
}

function percent(share: number): string {
  return `${number(share * 100)} %`;
}

function value(logE: number): string {
  return logE > Math.log(1e6) ? 'over a million' : number(Math.exp(logE));
}

function number(amount: number): string {
  return String(Number(amount.toPrecision(amount >= 100 ? 3 : 2)));
}

function atMost(alpha: number): string {
  return `If the candidate were fine, evidence this strong would ever appear in at most 1 of ${Math.round(1 / alpha)} rollouts.`;
}
