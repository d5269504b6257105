import type { TargetStatus } from '../engine/api.ts';
import { currentStep } from '../rollout/state.ts';

/** What a rollout waits for that only a person can give, with the command that gives it; null when nothing. */
export function waitsFor({ state }: TargetStatus): string | null {
  const { rollout, target } = state;
  if (rollout === null || rollout.phase !== 'forward') return null;
  const where = `${target.service} --to ${target.environment}`;
  if (rollout.pausedBy !== null) return `paused by ${rollout.pausedBy}; \`sluice resume ${where}\` goes on`;
  const step = currentStep(rollout);
  if (step?.type === 'approve') {
    const given = rollout.approvals.map(({ role }) => role);
    const missing = step.roles.filter((role) => !given.includes(role));
    return missing.length === 0
      ? null
      : `needs the approval of ${missing.join(', ')}: \`sluice approve ${where}\``;
  }
  if (step?.type === 'pause' && step.durationMs === null) return `\`sluice resume ${where}\` goes on`;
  if (rollout.asked && rollout.outcome === null) {
    return `too little evidence for a verdict: it waits for more, or for a person; \`sluice promote ${where}\` goes on, \`sluice abort ${where}\` takes it back`;
  }
  return null;
}
