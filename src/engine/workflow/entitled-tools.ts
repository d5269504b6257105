import type { PlanNode } from '../../workflow/plan/plan.ts';

/** The tools that a document names are its permission. */
export function isAllowed({ tools }: PlanNode, tool: string): boolean {
  return tools.includes(tool);
}
