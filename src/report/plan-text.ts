import { formatDuration } from '../base/duration.ts';
import type { Target, UnitId } from '../base/ids.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Paperwork } from '../rollout/paperwork.ts';
import { isCompared, type RolloutPlan } from '../rollout/plan.ts';
import { code, inline } from './markdown.ts';
import { number, percent } from './numbers.ts';
import { checklist } from './plan-checklist.ts';
import { plannedStep, staysWarm } from './planned-step.ts';
import { dateAndTime } from './told-time.ts';

/** The written deployment plan, in the operator's form: what stands here is what runs. */
export function planText(plan: RolloutPlan, gates: readonly GateResult[], paperwork: Paperwork): string {
  const { release, target } = plan;
  const subject = { unit: release.unit, target, plan };
  return [
    ...opening({ unit: release.unit, target, kind: plan.kind, paperwork }),
    `- **Rollback Deadline:** ${inline(rollbackDeadline(plan))}`,
    ...overview(plan),
    '',
    '### Pre-Deployment Checklist',
    '',
    ...checklist(gates, paperwork, subject),
    '',
    '### Deployment Steps',
    '',
    ...numbered(plan.steps.map((step) => plannedStep(step, plan, 'forward'))),
    '',
    '### Verification Steps',
    '',
    ...numbered(verificationSteps(plan)),
    '',
    '### Rollback Steps',
    '',
    ...rollbackSteps(plan),
    ...contacts(paperwork),
  ].join('\n');
}

/** What is written when a gate keeps the unit out: the checklist with what to do, and no steps, as none would run. */
export function blockedPlanText(
  gates: readonly GateResult[],
  paperwork: Paperwork,
  { unit, target }: { readonly unit: UnitId; readonly target: Target },
): string {
  const blocking = gates.filter(({ holds, onFailure }) => !holds && onFailure === 'block');
  return [
    ...opening({ unit, target, kind: 'deploy', paperwork }),
    '- **Rollback Deadline:** none, as nothing would run',
    `- **Blocked by:** ${blocking.map(({ gate }) => inline(gate)).join(', ')}`,
    '',
    '### Pre-Deployment Checklist',
    '',
    ...checklist(gates, paperwork, { unit, target, plan: null }),
    ...contacts(paperwork),
  ].join('\n');
}

function opening({
  unit,
  target,
  kind,
  paperwork,
}: {
  readonly unit: UnitId | null;
  readonly target: Target;
  readonly kind: RolloutPlan['kind'];
  readonly paperwork: Paperwork;
}): readonly string[] {
  const title = unit ?? target.service;
  return [
    `## Deployment Plan — ${title}${kind === 'rollback' ? ' (rollback)' : ''}`,
    '',
    '### Overview',
    '',
    `- **Target Environment:** ${target.environment}`,
    `- **Deploy Window:** ${windowText(paperwork)}`,
  ];
}

function windowText({ window, timeZone }: Paperwork): string {
  if (window === null) return 'any time, no window restricts it';
  const { from, to } = window;
  if (from === null && to === null) return 'none within two years';
  const moment = (at: number | null, open: string) => (at === null ? open : dateAndTime(at, timeZone));
  return `${moment(from, 'open now')} - ${moment(to, 'no end in sight')} (${timeZone})`;
}

function rollbackDeadline(plan: RolloutPlan): string {
  const { previous, rollbackWindowMs, restoreWithinMs, kind } = plan;
  if (previous === null) return 'none: a first release has nothing to compare with and no way back';
  const until = `${formatDuration(rollbackWindowMs)} after success`;
  const warm = staysWarm(plan)
    ? `${until}, until then ${previous.version} stays warm`
    : `${until}; going back starts ${previous.version} again, and users see the maintenance page meanwhile`;
  return `${kind === 'rollback' ? 'during the steps below' : warm}; service restored within ${formatDuration(restoreWithinMs)}`;
}

function overview(plan: RolloutPlan): readonly string[] {
  const { release, previous, strategy, replicas, target } = plan;
  const first = 'none, a first release: health and smoke judge it, and failing it shows the maintenance page';
  return [
    `- **Service:** ${target.service}, served on ${plan.routing.listen}`,
    `- **Version:** ${inline(release.version)} (${release.artifact})`,
    `- **Previous Version:** ${inline(previous?.version ?? first)}`,
    `- **Strategy:** ${plan.kind === 'rollback' ? 'rollback' : strategy.kind}, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
    ...outage(plan),
  ];
}

/** The strategy that stops what runs says for how long users see the maintenance page. */
function outage({ steps, previous, restoreWithinMs, release }: RolloutPlan): readonly string[] {
  const [from, to] = [true, false].map((on) =>
    steps.findIndex((step) => step.type === 'maintenance' && step.on === on),
  );
  if (from === undefined || from === -1 || previous === null) return [];
  const until = to === undefined || to === -1 ? steps.length : to + 1;
  return [
    `- **Outage:** users see the maintenance page from step ${from + 1} to step ${until}; starting may take up to ${formatDuration(release.run.startDeadlineMs)}, and going back restores service within ${formatDuration(restoreWithinMs)}`,
  ];
}

function verificationSteps(plan: RolloutPlan): readonly string[] {
  const { release, analysis, soakMs } = plan;
  const { ready, health, smoke } = release.run;
  const { errorRate, latencyFactor } = analysis.triggers;
  const smokeStep = plan.steps.find((step) => step.type === 'command' && step.role === 'smoke');
  const compared = isCompared(plan);
  return [
    `Health: ${code(`curl -f http://$INSTANCE${ready.path}`)} of each instance until ${ready.successes} good answers in a row, then ${code(`curl -f http://$INSTANCE${health.path}`)} every ${formatDuration(health.intervalMs)}`,
    smokeStep === undefined || smoke === null
      ? 'Smoke: no smoke test is configured'
      : `Smoke: ${code(smoke.run)} against a candidate instance, before users meet it`,
    `Error rate: ${errorRate === null ? 'no limit is set' : `at most ${percent(errorRate)}`}${compared ? `, and not shown to be worse than stable's; a release as good as stable is taken back in at most 1 of ${number(1 / analysis.alpha)} rollouts` : '; nothing to compare with runs beside it'}`,
    `Latency: ${latencyFactor === null ? 'no limit is set' : `P95 at most ${latencyFactor} × stable's`}`,
    `Soak: ${soakMs === 0 ? 'none' : `${formatDuration(soakMs)} with every trigger armed`}`,
  ];
}

function rollbackSteps(plan: RolloutPlan): readonly string[] {
  const { service, environment } = plan.target;
  const byHand = `By itself when a check above fails, or by hand with ${code(`sluice abort ${service} --to ${environment}`)}; after success with ${code(`sluice rollback ${service} --to ${environment}`)}.`;
  const steps = numbered(plan.backSteps.map((step) => plannedStep(step, plan, 'back')));
  return plan.previous === null
    ? ['There is no way back: nothing ran before. When it fails:', '', ...steps]
    : [byHand, '', ...steps];
}

function contacts({ contacts: { primary, secondary } }: Paperwork): readonly string[] {
  return [
    '',
    '### Escalation Contacts',
    '',
    `- Primary: ${inline(primary ?? 'none, set `contacts.primary`')}`,
    `- Secondary: ${inline(secondary ?? 'none')}`,
    '',
  ];
}

function numbered(steps: readonly string[]): readonly string[] {
  return steps.map((step, index) => `${index + 1}. ${step}`);
}
