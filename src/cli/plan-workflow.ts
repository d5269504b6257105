import { SluiceError } from '../base/sluice-error.ts';
import { type CompiledPlan, compilePlan } from '../workflow/plan/compile-plan.ts';
import { type PlanSource, planSource } from '../workflow/plan/plan-source.ts';
import type { Side } from '../workflow/reading/read-document.ts';
import { outputOf } from './output.ts';
import { readWorkflowInput, sideOf, type WorkflowInput } from './workflow-input.ts';
import { workflowPlanText } from './workflow-plan-text.ts';

interface PlanOptions {
  readonly side?: string;
  readonly bindings?: string;
  readonly json?: boolean;
}

/** Prints the plan that a run of these documents would follow. Nothing is done; what is missing is told with its step. */
export async function planWorkflow(given: readonly string[], options: PlanOptions): Promise<void> {
  const compiled = compileInput(await readWorkflowInput(given, options), sideOf(options.side));
  const { plan, problems } = compiled;
  outputOf(options).answer({ plan, problems }, workflowPlanText(compiled));
}

/** The plan of what was read. Throws `conflict-unresolved` where a document has two sides and nobody chose one. */
export function compileInput(
  { documents, bindings, files, texts }: WorkflowInput,
  side: Side | undefined,
): CompiledPlan {
  const sources = documents.map(({ file, bytes }): PlanSource => {
    const source = planSource(file, bytes, side);
    if (source !== null) return source;
    throw new SluiceError({
      code: 'conflict-unresolved',
      message: `${file} has unresolved git conflicts, and a plan follows one side only`,
      remedy: 'Resolve them, or choose with `--side ours` or `--side theirs`.',
    });
  });
  return compilePlan({ documents: sources, bindings, files, texts });
}
