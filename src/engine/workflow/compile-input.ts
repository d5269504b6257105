import { SluiceError } from '../../base/sluice-error.ts';
import { type CompiledPlan, compilePlan } from '../../workflow/plan/compile-plan.ts';
import { type PlanSource, planSource } from '../../workflow/plan/plan-source.ts';
import type { Side } from '../../workflow/reading/read-document.ts';
import type { WorkflowInput } from './workflow-input.ts';

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
