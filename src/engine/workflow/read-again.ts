import { digestOfBytes } from '../../base/digest.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import type { WorkflowPlan } from '../../workflow/plan/plan.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { compileInput } from './compile-input.ts';
import { type InputPlace, readWorkflowInput, type WorkflowInput } from './workflow-input.ts';

/** Something that a run is made of and that was changed on the disk since it was read. */
export interface FileChange {
  readonly path: string;
  /** Digests; `from` null: there was none. */
  readonly from: string | null;
  readonly to: string;
}

export interface PlanOfNow {
  readonly plan: WorkflowPlan;
  readonly files: readonly FileChange[];
}

/**
 * Reads documents and bindings of a run again. Null where none was changed, and for runs that do not know their files. Throws as
 * `readWorkflowInput` and `compileInput` do.
 */
export async function readAgain(
  { run, plan, workspace }: WorkflowRun,
  env: InputPlace['env'],
): Promise<PlanOfNow | null> {
  const sources = plan?.sources;
  if (plan === null || sources === undefined) return null;
  const bindings = sources.bindings?.path ?? null;
  const input = await readWorkflowInput(sources.given, bindings, { workspace, env }).catch(
    (error: unknown) => {
      if (!(error instanceof SluiceError) || error.code !== 'file-not-readable') throw error;
      throw new SluiceError({
        code: 'file-not-readable',
        message: `${run} is made of a file that is gone: ${error.message}`,
        remedy: 'Put it back, or end this run with `sluice workflow cancel --reason …` and begin anew.',
        cause: error,
      });
    },
  );
  const files = fileChanges(plan, input);
  // Told before a plan is made: of a large document that takes seconds, in which the run would stand still.
  if (files.length === 0) return null;
  return { plan: compileInput(input, sources.side ?? undefined).plan, files };
}

function fileChanges({ documents, sources }: WorkflowPlan, now: WorkflowInput): readonly FileChange[] {
  const before = [...documents, ...(sources?.bindings ? [sources.bindings] : [])];
  const known = new Map(before.map(({ path, digest }) => [path, digest]));
  const found = now.documents.map(({ file, bytes }) => ({ path: file, digest: digestOfBytes(bytes) }));
  return [...found, ...(now.sources.bindings ? [now.sources.bindings] : [])]
    .filter(({ path, digest }) => known.get(path) !== digest)
    .map(({ path, digest }) => ({ path, from: known.get(path) ?? null, to: digest }));
}
