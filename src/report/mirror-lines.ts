import type { MirrorRoute, SparseHistogram } from '../base/counts.ts';
import type { Evidence } from '../rollout/evidence.ts';
import { mirrors, verdictOnCopies } from '../rollout/mirrored.ts';
import { code, inline, table } from './markdown.ts';
import { eValue, latencyText, quantileMs, rateText } from './numbers.ts';
import type { RolloutStory } from './rollout-story.ts';

/** Routes and differences shown; the rest is in the journal. */
const shownRoutes = 20;
const shownDifferences = 4;

/** What copies of requests showed before users met the candidate; empty where nothing was to be copied. */
export function mirrorLines({ plan }: RolloutStory, evidence: Evidence): readonly string[] {
  if (plan === null || !mirrors(plan)) return [];
  const verdict = verdictOnCopies(evidence, plan);
  const { candidate, stable, logE, threshold } = verdict.figures;
  const { routes, skipped } = evidence.mirror?.seen ?? { routes: [], skipped: 0 };
  return [
    '',
    '### Copies of requests, before users',
    '',
    `- Verdict: ${verdict.kind}. ${inline(verdict.reasons[0] ?? '')}`,
    `- Bad answers to copies: ${rateText(candidate)}`,
    `- Bad answers of stable to users meanwhile: ${rateText(stable)}`,
    `- E-value that the candidate is bad: ${eValue(logE)}, threshold ${eValue(threshold)}`,
    ...(skipped === 0 ? [] : [`- Not copied, as too many copies were under way: ${skipped}`]),
    ...routesTable(routes),
  ];
}

function routesTable(routes: readonly MirrorRoute[]): readonly string[] {
  if (routes.length === 0) return [];
  const ordered = [...routes].sort((a, b) => differing(b) - differing(a) || b.requests - a.requests);
  const more = ordered.length - shownRoutes;
  return [
    '',
    'As advice, what stable answered to users and the candidate to the copies of the same requests:',
    '',
    ...table(
      ['Route', 'Pairs', 'Statuses that differ', 'P50', 'P95'],
      ordered
        .slice(0, shownRoutes)
        .map((one) => [
          code(one.route, { inTable: true }),
          String(one.requests),
          differencesText(one),
          latencies(one, 0.5),
          latencies(one, 0.95),
        ]),
    ),
    ...(more > 0 ? ['', `and ${more} more routes`] : []),
  ];
}

function differing({ differences }: MirrorRoute): number {
  return differences.reduce((sum, { requests }) => sum + requests, 0);
}

/** `200 → 500: 12` */
function differencesText({ differences }: MirrorRoute): string {
  if (differences.length === 0) return 'none';
  const ordered = [...differences].sort((a, b) => b.requests - a.requests);
  const shown = ordered
    .slice(0, shownDifferences)
    .map(({ stable, candidate, requests }) => `${stable} → ${candidate}: ${requests}`);
  return [...shown, ...(ordered.length > shownDifferences ? ['…'] : [])].join(', ');
}

function latencies({ stableLatency, candidateLatency }: MirrorRoute, quantile: number): string {
  const text = (latency: SparseHistogram) => latencyText(quantileMs({ latency }, quantile));
  return `${text(stableLatency)} → ${text(candidateLatency)}`;
}
