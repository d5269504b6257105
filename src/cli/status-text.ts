import type { RolloutSummary, TargetStatus } from '../engine/api.ts';
import { stepText } from '../report/step-text.ts';
import { currentStep, instancesOf } from '../rollout/state.ts';

/** The state of every target, for people. */
export function statusText(targets: readonly TargetStatus[]): string {
  if (targets.length === 0) return 'Nothing is deployed yet. `sluice deploy` brings the first release in.';
  return targets.map(oneTarget).join('\n\n');
}

function oneTarget({ target, state, evidence }: TargetStatus): string {
  const { stable, rollout, incidents, routes } = state;
  const own = stable === null ? [] : instancesOf(state, stable.rollout);
  const ready = own.filter(({ status }) => status === 'ready').length;
  const lines = [
    target,
    `  stable     ${stable === null ? 'none yet' : `${stable.release.version}  ${ready} of ${own.length} ready`}`,
  ];
  if (routes.requested !== null)
    lines.push(`  listens    ${routes.requested.listen} (${routes.requested.mode})`);
  if (rollout === null) lines.push('  rollout    none');
  else if (rollout.phase === 'verifying') lines.push(`  rollout    ${rollout.rollout} is being verified`);
  else {
    const step = currentStep(rollout);
    const steps = rollout.phase === 'forward' ? rollout.plan.steps : rollout.plan.backSteps;
    lines.push(
      `  rollout    ${rollout.rollout} ${rollout.phase === 'back' ? 'goes back from' : 'brings in'} ${rollout.plan.release.version}${rollout.pausedBy === null ? '' : `, paused by ${rollout.pausedBy}`}`,
      `  step       ${Math.min(rollout.index + 1, steps.length)} of ${steps.length}: ${step === null ? 'ending' : stepText(step)}`,
      `  traffic    ${(routes.requested?.candidateWeight ?? 0) / 100} % candidate`,
    );
    if (rollout.phase === 'back') lines.push(`  because    ${rollout.reason.message}`);
  }
  if (evidence !== null) {
    lines.push(
      `  errors     candidate ${share(evidence.candidate)}, stable ${share(evidence.stable)}`,
      `  verdict    ${evidence.verdict.kind}: ${evidence.verdict.reasons.join('; ')}`,
    );
  }
  for (const { id, severity, title } of incidents) lines.push(`  incident   ${id} (${severity}) ${title}`);
  return lines.join('\n');
}

function share({ requests, bad }: { readonly requests: number; readonly bad: number }): string {
  return requests === 0 ? 'no requests yet' : `${((100 * bad) / requests).toFixed(2)} % of ${requests}`;
}

/** Rollouts, newest first, one a line. */
export function historyText(rollouts: readonly RolloutSummary[]): string {
  if (rollouts.length === 0) return 'No rollouts yet.';
  return rollouts
    .map(({ rollout, target, version, unit, ending, startedAt, by, reason }) => {
      const when = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
      const head = `${when}  ${rollout}  ${target}  ${version ?? '-'}  ${unit ?? '-'}  ${ending}  by ${by}`;
      return reason === null ? head : `${head}\n    ${reason}`;
    })
    .join('\n');
}
