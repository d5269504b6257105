import type { WorkflowRun } from '../../workflow/run/state.ts';

/** What models used in a run so far: of the last attempt of each step. */
export function spentOf({ steps }: WorkflowRun): { readonly tokens: number; readonly dollars: number } {
  let [tokens, dollars] = [0, 0];
  for (const { performed } of steps.values()) {
    tokens += performed?.usage?.tokens ?? 0;
    dollars += performed?.usage?.dollars ?? 0;
  }
  return { tokens, dollars };
}
