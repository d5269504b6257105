import type { GateResult } from '../rollout/gate.ts';
import type { Check } from './checks.ts';
import { clip } from './markdown.ts';
import type { RolloutStory } from './rollout-story.ts';

export type CriterionStatus = 'PASS' | 'FAIL' | 'NOT VERIFIED';

/** One of the operator's seven success criteria. Texts are plain. */
export interface Criterion {
  readonly criterion: string;
  readonly asked: string;
  /** What shows it, with the values. */
  readonly how: string;
  readonly status: CriterionStatus;
}

/** Each criterion is true only because of something that the journal holds; what was not measured is not verified. */
export function criteriaOf(story: RolloutStory, checks: readonly Check[]): readonly Criterion[] {
  return [
    { criterion: 'Approval', asked: 'Only QA-approved code deployed', ...approval(story) },
    { criterion: 'Execution', asked: 'All deployment steps completed', ...execution(story) },
    { criterion: 'Health', asked: 'All health checks pass', ...checked(checks, 'health') },
    { criterion: 'Stability', asked: 'Error rate within threshold', ...checked(checks, 'stability') },
    { criterion: 'Performance', asked: 'Latency within threshold', ...checked(checks, 'performance') },
    { criterion: 'Reversibility', asked: 'Rollback capability verified', ...reversibility(story, checks) },
    { criterion: 'Documentation', asked: 'Deployment report complete', ...documentation(story) },
  ];
}

type Found = Pick<Criterion, 'how' | 'status'>;

function approval(story: RolloutStory): Found {
  const { before, isRollback } = story;
  if (isRollback && story.plan !== null) {
    if (before === null) return { how: 'the earlier rollout is not in the journal', status: 'NOT VERIFIED' };
    const { how, status } = approval(before);
    return { how: `brought in before by ${before.rollout}: ${how}`, status };
  }
  const gates = story.gates.filter(({ gate }) => gate.startsWith('qa-'));
  const roles = story.plan?.steps.flatMap((step) => (step.type === 'approve' ? step.roles : [])) ?? [];
  const given = story.events.flatMap((event) => (event.type === 'ApprovalGiven' ? [event] : []));
  const missing = [...new Set(roles)].filter((role) => !given.some((one) => one.role === role));
  if (gates.length === 0) return { how: 'no QA report was looked at', status: 'NOT VERIFIED' };
  const failed = gates.filter(({ holds }) => !holds);
  if (failed.length > 0) return { how: observed(failed), status: 'FAIL' };
  // Without traffic nothing unapproved was deployed; what is still missing is said all the same.
  if (missing.length > 0) {
    return { how: `${observed(gates)}; not approved by ${missing.join(', ')}`, status: 'NOT VERIFIED' };
  }
  const people = given.map(({ role, by }) => `${by} as ${role}`).join(', ');
  return { how: `${observed(gates)}${people === '' ? '' : `; approved by ${people}`}`, status: 'PASS' };
}

function execution({ plan, events, ending }: RolloutStory): Found {
  if (plan === null) return { how: `nothing was planned: ${ending ?? 'running'}`, status: 'FAIL' };
  const back = events.findIndex(({ type }) => type === 'GoingBackStarted');
  const forward = back === -1 ? events : events.slice(0, back);
  const done = new Set(forward.flatMap((event) => (event.type === 'StepCompleted' ? [event.index] : [])));
  const how = `${done.size} of ${plan.steps.length} steps completed, ended ${ending ?? 'not yet'}`;
  return { how, status: ending === 'succeeded' && done.size === plan.steps.length ? 'PASS' : 'FAIL' };
}

function checked(checks: readonly Check[], about: Check['about']): Found {
  const own = checks.filter((one) => one.about === about);
  if (own.length === 0) return { how: 'nothing was measured', status: 'NOT VERIFIED' };
  const how = own.map(({ check, actual }) => `${check}: ${actual}`).join('; ');
  if (own.some(({ status }) => status === 'FAIL')) return { how, status: 'FAIL' };
  return { how, status: own.some(({ status }) => status !== 'PASS') ? 'NOT VERIFIED' : 'PASS' };
}

const waysBack: ReadonlySet<string> = new Set(['restorable', 'rollback-tested', 'migration-reversible']);

function reversibility(story: RolloutStory, checks: readonly Check[]): Found {
  const gates = story.gates.filter(({ gate }) => waysBack.has(gate));
  const broken = story.events.flatMap((event) => (event.type === 'StepBroken' ? [event.message] : []));
  const back = checks.filter(({ about }) => about === 'way-back');
  const how = [
    ...gates.map(({ observed: seen }) => seen),
    ...back.map(({ check, actual }) => `${check}: ${actual}`),
    ...broken,
  ].join('; ');
  const failed =
    broken.length > 0 || gates.some(({ holds }) => !holds) || back.some(({ status }) => status === 'FAIL');
  if (failed) return { how, status: 'FAIL' };
  return gates.length + back.length === 0
    ? { how: 'no way back was verified', status: 'NOT VERIFIED' }
    : { how, status: 'PASS' };
}

/** Complete means: it ended, why is known, and what the sections are written from was recorded. */
function documentation({
  endedAt,
  ending,
  reason,
  plan,
  gates,
  events,
  paperwork,
  target,
}: RolloutStory): Found {
  const missing = [
    ...(endedAt === null ? ['the end'] : []),
    ...(plan === null && gates.length === 0 ? ['the gates'] : []),
    ...(ending === 'succeeded' || reason !== null ? [] : ['the reason']),
    ...(paperwork === null ? ['what the configuration said'] : []),
  ];
  const from = `from ${events.length} events of ${target.service}@${target.environment} in the journal`;
  return missing.length === 0
    ? { how: `this report, ${from}`, status: 'PASS' }
    : { how: `${from}; without ${missing.join(', ')}`, status: 'FAIL' };
}

function observed(gates: readonly GateResult[]): string {
  return gates.map(({ gate, observed: seen }) => `${gate}: ${clip(seen, 160)}`).join('; ');
}
