import type { PlanNode } from './plan.ts';
import type { PlanPlace } from './plan-place.ts';
import type { PlanProblem } from './plan-problem.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/** Criteria of a step that can hold only with more than its tools permit. */
export function beyondPermission(
  { id, tools, criteria, executor }: PlanNode,
  places: ReadonlyMap<string, PlanPlace>,
): readonly PlanProblem[] {
  // Actions of Sluice and people are not bound by the tools of a document.
  if (executor?.kind === 'sluice' || executor?.kind === 'person') return [];
  const { file = '', line = 1 } = places.get(id) ?? {};
  return criteria.flatMap((criterion) => {
    const need = needOf(criterion, tools);
    if (need === null) return [];
    return [
      {
        code: 'criterion-beyond-permission',
        file,
        line,
        message: `${id}: ${need.what}, and ${need.tool} is not among its tools (${tools.join(', ')})`,
        remedy: `Grant it in the bindings file: steps: { "${id}": { tools: [${need.tool}] } }, or bind a person or an action of Sluice.`,
      },
    ];
  });
}

function needOf(
  { kind, text, test }: PlannedCriterion,
  tools: readonly string[],
): { readonly what: string; readonly tool: string } | null {
  if (test.kind === 'sign-off' || tools.includes('run_terminal_cmd')) return null;
  switch (kind) {
    case 'process-running':
      return { what: `the process ${shown(text)} must run`, tool: 'run_terminal_cmd' };
    case 'exit-code':
    case 'output-contains':
      return {
        what: `the output or exit code (${shown(text)}) of a command is asked for`,
        tool: 'run_terminal_cmd',
      };
    case 'file-exists':
    case 'file-content':
    case 'json-valid':
    case 'directory-exists':
      return tools.includes('edit_file')
        ? null
        : { what: `${shown(text)} must be written`, tool: 'edit_file' };
    default:
      return null;
  }
}

function shown(text: string): string {
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}
