import { SluiceError } from '../../base/sluice-error.ts';
import { type CompiledPlan, compilePlan } from '../../workflow/plan/compile-plan.ts';
import { type PlanSource, planSource } from '../../workflow/plan/plan-source.ts';
import type { Side } from '../../workflow/reading/read-document.ts';
import type { WorkflowInput } from './workflow-input.ts';

/** The plan of what was read. Throws `conflict-unresolved` where a document has two sides and nobody chose one, `plan-empty` where
 * none has a step. */
export function compileInput(
  { documents, bindings, sources: given, files, texts }: WorkflowInput,
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
  const compiled = compilePlan({ documents: sources, bindings, files, texts });
  const plan = { ...compiled.plan, sources: { ...given, side: side ?? null } };
  if (plan.nodes.length > 0) return { ...compiled, plan };
  const read = sources.map(({ path, document }) => `${path} (read as ${document.generation})`);
  throw new SluiceError({
    code: 'plan-empty',
    message: `There is no step in ${read.join(', ') || 'what was given'}.`,
    remedy:
      'See with `sluice workflow check` what was understood; docs/workflow-documents.md shows the shapes that are read.',
  });
}
