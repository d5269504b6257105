import type { RouteTable } from '../base/route-table.ts';
import type { EvidenceStatus, RolloutSummary, TargetStatus } from '../engine/api.ts';
import { eValue } from '../report/numbers.ts';
import { stepText } from '../report/step-text.ts';
import { usersMetText } from '../report/users-met.ts';
import { currentStep, instancesOf } from '../rollout/state.ts';
import { waitsFor } from './waits-for.ts';
import { wrapped } from './wrapped.ts';

/** The state of every target, for people. `rollouts`: newest first, wanted where a target serves nothing. `asked`: of which. */
export function statusText(
  targets: readonly TargetStatus[],
  rollouts: readonly RolloutSummary[] = [],
  asked: { readonly service?: string; readonly to?: string } = {},
): string {
  if (targets.length === 0) return nothingText(asked);
  return targets
    .map((status) => oneTarget(status, rollouts.find(({ target }) => target === status.target) ?? null))
    .join('\n\n');
}

function nothingText({ service, to }: { readonly service?: string; readonly to?: string }): string {
  if (service === undefined && to === undefined)
    return 'Nothing is deployed yet. `sluice deploy` brings the first release in.';
  const where = `${service === undefined ? '' : ` of ${service}`}${to === undefined ? '' : ` in ${to}`}`;
  return `Nothing${where} has ever been deployed. \`sluice status\` shows what has.`;
}

/** Neither a release nor a rollout: only what ended tells why. */
export function servesNothing({ state: { stable, rollout } }: TargetStatus): boolean {
  return stable === null && rollout === null;
}

function oneTarget(status: TargetStatus, last: RolloutSummary | null): string {
  const { target, state, evidence } = status;
  const { stable, rollout, incidents, routes } = state;
  const own = stable === null ? [] : instancesOf(state, stable.rollout);
  const ready = own.filter(({ status }) => status === 'ready').length;
  const lines = [
    target,
    `  stable     ${stable === null ? 'none yet' : `${stable.release.version}  ${ready} of ${own.length} ready`}`,
  ];
  if (servesNothing(status) && last?.code === 'listen-failed')
    lines.push(...labelled('listens', `nowhere, it failed: ${last.reason}`));
  else if (routes.requested !== null) lines.push(`  listens    ${listensText(routes.requested)}`);
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
    if (rollout.phase === 'back') lines.push(...labelled('because', rollout.reason.message));
  }
  if (evidence !== null) {
    const { kind, reasons } = evidence.verdict;
    if (evidence.mirror !== undefined) lines.push(`  copies     ${copiesText(evidence.mirror)}`);
    lines.push(`  errors     candidate ${share(evidence.candidate)}, stable ${share(evidence.stable)}`);
    if (evidence.candidate.requests > 0) lines.push(`  users      ${usersMetText(evidence.candidate)}`);
    const bars = evidenceText(evidence);
    if (bars !== null) lines.push(`  evidence   ${bars}`);
    lines.push(...labelled('verdict', `${kind}: ${reasons[0] ?? ''}`));
  }
  const waiting = waitsFor(status);
  if (waiting !== null) lines.push(...labelled('waits', waiting));
  for (const { id, severity, title } of incidents) {
    lines.push(...labelled('incident', `${id} (${severity}) ${title}`));
  }
  return lines.join('\n');
}

function listensText({ listen, mode, edge }: Pick<RouteTable, 'listen' | 'mode' | 'edge'>): string {
  return `${listen} (${mode}${edge?.tls === undefined ? '' : ', TLS'})`;
}

function labelled(label: string, text: string): readonly string[] {
  return wrapped(text, { head: `  ${label.padEnd(11)}`, indent: ' '.repeat(13) });
}

/** How strong the evidence is, against what it takes; null where nothing was compared. */
export function evidenceText({ verdict: { figures } }: EvidenceStatus): string | null {
  if (!figures.compared) return null;
  return `bad ${barText(figures.harm)}, safe ${barText(figures.safe)}`;
}

/** What copies of requests came to, and how strong the evidence is, against what it takes. */
export function copiesText({ figures }: NonNullable<EvidenceStatus['mirror']>): string {
  const { candidate, stable } = figures;
  return `candidate ${share(candidate)}, stable ${share(stable)}; bad ${barText(figures)}`;
}

function barText({ logE, threshold }: { readonly logE: number; readonly threshold: number }): string {
  return `${eValue(logE)} of ${eValue(threshold)}`;
}

export function share({ requests, bad }: { readonly requests: number; readonly bad: number }): string {
  return requests === 0 ? 'no requests yet' : `${((100 * bad) / requests).toFixed(2)} % of ${requests}`;
}

/** Rollouts, newest first, one a line. */
export function historyText(rollouts: readonly RolloutSummary[]): string {
  if (rollouts.length === 0) return 'No rollouts yet.';
  return rollouts
    .map(({ rollout, target, version, unit, ending, startedAt, by, reason }) => {
      const when = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ');
      const head = `${when}  ${rollout}  ${target}  ${version ?? '-'}  ${unit ?? '-'}  ${ending}  by ${by}`;
      return reason === null ? head : [head, ...wrapped(reason, { head: '    ', indent: '    ' })].join('\n');
    })
    .join('\n');
}
