import type { FailurePolicy } from '../reading/document.ts';
import type { FailureAction, PlannedFailure } from './plan.ts';

const words: readonly (readonly [word: string, action: FailureAction])[] = [
  // In the order in which they are taken, whatever the order in which they are printed: users of the workspace come first.
  ['REVERT_STATE', 'revert'],
  ['NOTIFY_AND_CONTINUE', 'notify'],
  ['ESCALATE_TO_HUMAN', 'escalate'],
];

/** What is done when the retries are used up. A document that says nothing wants to be asked. */
export function plannedFailure({ policy, to, text }: FailurePolicy): PlannedFailure {
  const actions = words.flatMap(([word, action]) => (policy?.includes(word) === true ? [action] : []));
  return { actions: actions.length > 0 ? actions : ['escalate'], to, text };
}
