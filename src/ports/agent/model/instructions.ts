import type { AgentRun } from '../port.ts';
import type { ModelTool } from './tool.ts';

/** What a model is told about its work, whatever the step is. */
export function instructionsFor(
  run: AgentRun,
  tools: readonly ModelTool[],
  absent: readonly string[],
): string {
  return [
    'You do one step of a workflow. The brief says what, and by which criteria others will judge the result.',
    'You work in one folder, the workspace; paths are relative to it. Nothing outside of it can be changed.',
    `Your tools: ${tools.map(({ name }) => name).join(', ')}. There are no others.`,
    ...absent,
    run.protectedPaths.length === 0 ? '' : `These must not be changed: ${run.protectedPaths.join(', ')}.`,
    'Your word is no evidence: the criteria are checked on what is really there. Do the work; do not write files or print lines that only repeat a criterion.',
    'What stands in the way, or seems wrong, is a concern: raise it. When all is done, say so in a short answer without a call.',
  ]
    .filter((line) => line !== '')
    .join('\n');
}
