import type { FailurePolicy } from './document.ts';
import { handlesIn } from './handles.ts';
import { unwrapped } from './label.ts';
import { type Problems, shortened } from './problem.ts';

export const noPolicy: FailurePolicy = { policy: null, to: null, text: null };

const known = ['ESCALATE_TO_HUMAN', 'NOTIFY_AND_CONTINUE', 'REVERT_STATE'] as const;

/** How people say the same in a sentence. */
const said: Readonly<Record<(typeof known)[number], RegExp>> = {
  ESCALATE_TO_HUMAN: /\bescalat(?:e|es|ed|ing|ion)\b/i,
  NOTIFY_AND_CONTINUE:
    /\b(?:notify|inform|alert|warn|log|skip|ignore)\b[^.;]{0,120}\b(?:continue|proceed|carry on|go on)\b|^(?:continue|proceed)\b/i,
  REVERT_STATE: /\b(?:revert|reverts|reverting|roll(?:ed|s|ing)?[\s-]?back|rollback)\b/i,
};

/** `REVERT_STATE and ESCALATE_TO_HUMAN (@lead) with logs`: what to do, and who is told. */
export function readFailurePolicy(value: string, line: number, problems: Problems): FailurePolicy {
  const text = unwrapped(value);
  if (text === '') return noPolicy;
  const found = known
    .map((name) => ({ name, at: placeOf(name, text) }))
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

/** Where a text names a policy; -1 where it does not, or only to rule it out. */
function placeOf(name: (typeof known)[number], text: string): number {
  const words = text.replace(/[\s-]+/g, '_').toUpperCase();
  if (words.includes(name)) return words.indexOf(name);
  const at = text.search(said[name]);
  return /\b(?:not|never|without|n['’]t)\s+(?:\w+\s+)?$/i.test(text.slice(0, Math.max(0, at))) ? -1 : at;
}
