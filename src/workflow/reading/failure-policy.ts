import type { FailurePolicy } from './document.ts';
import { handlesIn } from './handles.ts';
import { unwrapped } from './label.ts';
import { type Problems, shortened } from './problem.ts';

export const noPolicy: FailurePolicy = { policy: null, to: null, text: null };

const known = ['ESCALATE_TO_HUMAN', 'NOTIFY_AND_CONTINUE', 'REVERT_STATE'] as const;

/** `REVERT_STATE and ESCALATE_TO_HUMAN (@lead) with logs`: what to do, and who is told. */
export function readFailurePolicy(value: string, line: number, problems: Problems): FailurePolicy {
  const text = unwrapped(value);
  if (text === '') return noPolicy;
  const words = text.replace(/[\s-]+/g, '_').toUpperCase();
  const found = known
    .map((name) => ({ name, at: words.indexOf(name) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)
    .map(({ name }) => name);
  if (found.length === 0) {
    problems.add(
      'failure-policy-not-understood',
      line,
      `"${shortened(text)}" is no failure policy that is known here`,
      `Write ${known.join(', ')}, or REVERT_STATE and ESCALATE_TO_HUMAN.`,
    );
  }
  return { policy: found.length === 0 ? null : found.join(' and '), to: handlesIn(text)[0] ?? null, text };
}
