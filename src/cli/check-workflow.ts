import { checkedJson, checkFiles } from '../engine/workflow/check-files.ts';
import { readWorkflowInput } from '../engine/workflow/workflow-input.ts';
import { outputOf } from './output.ts';
import { sideOf } from './side-of.ts';
import { workflowCheckText } from './workflow-check-text.ts';

interface CheckOptions {
  readonly side?: string;
  readonly bindings?: string;
  readonly json?: boolean;
}

/** Reads each file and prints what was understood. A document with problems is still a document: they are told, and the
 * command succeeds. */
export async function checkWorkflow(given: readonly string[], options: CheckOptions): Promise<void> {
  const side = sideOf(options.side);
  const place = { workspace: process.cwd(), env: process.env };
  const checked = checkFiles(await readWorkflowInput(given, options.bindings ?? null, place), side);
  const output = outputOf(options);
  for (const { file, result } of checked) {
    const json = { ...(checked.length > 1 ? { file } : {}), ...checkedJson(result) };
    output.answer(json, workflowCheckText(file, result));
  }
}
