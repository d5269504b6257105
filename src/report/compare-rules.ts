import { limitLogE } from '../analysis/absolute-limit.ts';
import { table } from './markdown.ts';
import { number, percent } from './numbers.ts';
import type { RolloutStory } from './rollout-story.ts';
import { span } from './told-time.ts';

/** What a rule would have done on the traffic that was seen. */
export interface RuleOutcome {
  readonly rule: string;
  /** From the candidate's first request until it has no users, ms; null when the rule never takes it back. */
  readonly takenBackAfterMs: number | null;
  /** Bad answers of the candidate that users saw until then; to the end of what was seen when it is never taken back. */
  readonly harmed: number;
  /** The rule would have looked on after the traffic ended, so this goes on at the rate that was seen. */
  readonly estimated: boolean;
}

/** What the candidate did, from its first request on. */
interface Seen {
  readonly batches: readonly { readonly afterMs: number; readonly requests: number; readonly bad: number }[];
  readonly lengthMs: number;
  readonly requests: number;
  readonly bad: number;
  readonly shielded: number;
  readonly stable: { readonly requests: number; readonly bad: number };
}

const windowMs = 10_000;
const strikes = 2;
const lookMs = 3_600_000;
/** Of "worse than the limit" or "than stable" at the one look, 1 of 100. */
const sure = Math.log(100);

/**
 * The same traffic under other rules that are in use: a fixed threshold that must be exceeded in two windows of 10 s in a
 * row, and one look after an hour. Neither has a shield. Null when users never met the candidate.
 */
export function compareRules(story: RolloutStory): readonly RuleOutcome[] | null {
  const seen = seenOf(story);
  if (seen === null) return null;
  const limit = story.plan?.analysis.triggers.errorRate ?? 0.05;
  return [asItWas(story, seen), fixedThreshold(seen, limit), oneLook(seen)];
}

const aboutText =
  '"about": the rule would have looked on after this traffic ended, so the candidate is taken to go on as it did.';

/** The comparison for people. */
export function comparisonText(story: RolloutStory): string {
  const outcomes = compareRules(story);
  const head = `# ${story.release?.version ?? story.rollout}: what other rules would have cost`;
  if (outcomes === null) return `${head}\n\nUsers never met the candidate, so there is nothing to compare.\n`;
  const rows = outcomes.map(({ rule, takenBackAfterMs, harmed, estimated }) => [
    rule,
    takenBackAfterMs === null ? 'never' : `after ${span(takenBackAfterMs)}`,
    `${estimated ? 'about ' : ''}${number(harmed)}`,
  ]);
  const shielded = seenOf(story)?.shielded ?? 0;
  return [
    head,
    '',
    ...table(['Rule', 'Candidate taken back', 'Users who saw it fail'], rows),
    '',
    'Counted on the requests of this very rollout. A user is a request.',
    ...(outcomes.some(({ estimated }) => estimated) ? [aboutText] : []),
    ...(story.endedAt === null ? ['The rollout is still running: this is what was seen until now.'] : []),
    ...(shielded === 0
      ? []
      : ['', `Sluice's shield answered ${shielded} more failures from stable; the other rules have none.`]),
    '',
  ].join('\n');
}

function seenOf({ events, plan }: RolloutStory): Seen | null {
  if (plan === null) return null;
  const measured = events.flatMap((event) =>
    event.type === 'BatchRecorded' && !event.batch.baseline ? [event.batch] : [],
  );
  const arms = measured.map(({ atMs, instances }) => ({
    atMs,
    candidate: total(instances.filter(({ arm }) => arm === 'candidate')),
    stable: total(instances.filter(({ arm }) => arm === 'stable')),
  }));
  const first = arms.findIndex(({ candidate }) => candidate.requests > 0);
  const begin = arms[Math.max(0, first - 1)]?.atMs;
  if (first < 0 || begin === undefined) return null;
  const met = arms.slice(first);
  return {
    batches: met.map(({ atMs, candidate: { requests, bad } }) => ({ afterMs: atMs - begin, requests, bad })),
    lengthMs: Math.max(1, (met.at(-1)?.atMs ?? begin) - begin),
    ...total(met.map(({ candidate }) => candidate)),
    stable: total(met.map(({ stable }) => stable)),
  };
}

function asItWas(story: RolloutStory, { lengthMs, bad, shielded }: Seen): RuleOutcome {
  const back = story.events.some(({ type }) => type === 'GoingBackStarted');
  const harmed = Math.max(0, bad - shielded);
  return { rule: 'Sluice', takenBackAfterMs: back ? lengthMs : null, harmed, estimated: false };
}

function fixedThreshold(seen: Seen, limit: number): RuleOutcome {
  const rule = `above ${percent(limit)} in ${strikes} windows of ${windowMs / 1_000} s in a row`;
  let inRow = 0;
  for (let end = windowMs; end <= seen.lengthMs; end += windowMs) {
    const inside = seen.batches.filter(({ afterMs }) => afterMs > end - windowMs && afterMs <= end);
    const { requests, bad } = total(inside);
    inRow = requests > 0 && bad / requests > limit ? inRow + 1 : 0;
    if (inRow === strikes) return { rule, takenBackAfterMs: end, harmed: until(seen, end), estimated: false };
  }
  if (seen.bad / seen.requests <= limit) {
    return { rule, takenBackAfterMs: null, harmed: seen.bad, estimated: false };
  }
  const left = strikes - inRow;
  const end = (Math.floor(seen.lengthMs / windowMs) + left) * windowMs;
  return { rule, takenBackAfterMs: end, harmed: until(seen, end), estimated: true };
}

/** Worse than stable's rate by the margin of one half, at the one look. */
function oneLook(seen: Seen): RuleOutcome {
  const rule = 'one look after an hour';
  const growth = Math.max(1, lookMs / seen.lengthMs);
  const { stable } = seen;
  const usual = stable.requests === 0 ? 0.01 : (1.5 * stable.bad) / stable.requests + 0.005;
  const then = { requests: Math.round(seen.requests * growth), bad: Math.round(seen.bad * growth) };
  const estimated = seen.lengthMs < lookMs;
  const worse = limitLogE(then, Math.min(0.99, usual)) >= sure;
  return {
    rule,
    takenBackAfterMs: worse ? lookMs : null,
    harmed: worse ? until(seen, lookMs) : seen.bad,
    estimated: worse && estimated,
  };
}

/** Bad answers up to a moment; beyond what was seen, at the same rate. */
function until({ batches, lengthMs, bad }: Seen, ms: number): number {
  if (ms > lengthMs) return Math.round((bad * ms) / lengthMs);
  return total(batches.filter(({ afterMs }) => afterMs <= ms)).bad;
}

function total(
  parts: readonly { readonly requests: number; readonly bad: number; readonly shielded?: number }[],
): { readonly requests: number; readonly bad: number; readonly shielded: number } {
  return parts.reduce<{ requests: number; bad: number; shielded: number }>(
    (sum, { requests, bad, shielded = 0 }) => ({
      requests: sum.requests + requests,
      bad: sum.bad + bad,
      shielded: sum.shielded + shielded,
    }),
    { requests: 0, bad: 0, shielded: 0 },
  );
}
