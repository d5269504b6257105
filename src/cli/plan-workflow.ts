import { resolve } from 'node:path';
import { compileInput } from '../engine/workflow/compile-input.ts';
import { readWorkflowInput } from '../engine/workflow/workflow-input.ts';
import { outputOf } from './output.ts';
import { sideOf } from './side-of.ts';
import { workflowPlanText } from './workflow-plan-text.ts';

interface PlanOptions {
  readonly side?: string;
  readonly bindings?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Prints the plan that a run of these documents would follow. Nothing is done; what is missing is told with its step. */
export async function planWorkflow(given: readonly string[], options: PlanOptions): Promise<void> {
  const place = { workspace: resolve(options.workspace ?? '.'), env: process.env };
  const bindings = options.bindings === undefined ? null : resolve(options.bindings);
  const documents = given.map((file) => resolve(file));
  const input = await readWorkflowInput(documents, bindings, place);
  const compiled = compileInput(input, sideOf(options.side));
  const { plan, problems } = compiled;
  outputOf(options).answer({ plan, problems }, workflowPlanText(compiled));
}
