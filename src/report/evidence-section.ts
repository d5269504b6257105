import { evidencePicture, ratesPicture } from './evidence-picture.ts';
import { inline } from './markdown.ts';
import { mirrorLines } from './mirror-lines.ts';
import { eValue, latencyText, quantileMs, rateText } from './numbers.ts';
import type { ReplayedEvidence } from './replayed-evidence.ts';
import type { RolloutStory } from './rollout-story.ts';
import { zoneOf } from './told-time.ts';
import { usersMetText } from './users-met.ts';
import { winnerOf } from './winner.ts';

/** The verdict with its figures and the curve that led to it. */
export function evidenceSection(story: RolloutStory, replayed: ReplayedEvidence | null): readonly string[] {
  const winner = winnerLine(story, replayed);
  if (replayed === null) return [...winner, 'No request was measured, so there is no evidence either way.'];
  const { verdict, evidence, points, threshold } = replayed;
  const { figures } = verdict;
  const candidate = figures.compared ? figures.candidate : figures;
  const arms = [
    { name: 'candidate', ...candidate },
    ...(figures.compared ? [{ name: 'stable', ...figures.stable }] : []),
  ];
  const logE = points.at(-1)?.logE ?? 0;
  const p95 = (arm: 'candidate' | 'stable') => latencyText(quantileMs(evidence[arm], 0.95));
  return [
    ...winner,
    `- Verdict: ${verdict.kind}. ${inline(verdict.reasons.join(' '))}`,
    ...arms.map((arm) => `- Bad requests of ${arm.name}: ${rateText(arm)}`),
    `- Users of the candidate: ${usersMetText(evidence.candidate)}`,
    `- P95 latency: candidate ${p95('candidate')}, stable ${p95('stable')}`,
    `- E-value that the candidate is bad: ${eValue(logE)}, threshold ${eValue(threshold)}`,
    '',
    '```text',
    'log10 of the e-value that the candidate is bad',
    '',
    ...evidencePicture(replayed, zoneOf(story)),
    ...withTitle('error rates with their intervals', ratesPicture(arms)),
    '```',
    ...mirrorLines(story, evidence),
  ];
}

function withTitle(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, '', ...lines];
}

function winnerLine(story: RolloutStory, replayed: ReplayedEvidence | null): readonly string[] {
  const winner = winnerOf(story, replayed);
  if (winner === null) return [];
  const { plan } = story;
  const versions = { candidate: plan?.release.version, stable: plan?.previous?.version } as const;
  const name = winner.arm === null ? 'no winner' : `${winner.arm} (${versions[winner.arm] ?? ''})`;
  return [`- Winner: ${inline(name)}, because ${inline(winner.why)}`];
}
