import type { Command } from 'commander';
import { workflowRunCommands } from './workflow-run-commands.ts';

type Actions = typeof import('./check-workflow.ts') & typeof import('./plan-workflow.ts');

/** Commands on workflow documents. */
export function workflowCommands(program: Command): void {
  const workflow = program
    .command('workflow')
    .description('documents that say what to do step by step, run and verified');
  workflow
    .command('check <file...>')
    .description('what was understood of workflow documents, what needs a binding, what a person must judge')
    .option('--side <side>', 'side of git conflicts to read: ours or theirs; both by default')
    .option('--bindings <file>', 'who performs the steps, directory of agents, hosts')
    .option('--json', 'one line of JSON for each file')
    .action(async (...given: Parameters<Actions['checkWorkflow']>) => {
      const { checkWorkflow } = await import('./check-workflow.ts');
      await checkWorkflow(...given);
    });
  workflow
    .command('plan <file...>')
    .description('every step in order: who does it, how each criterion is judged, what is missing')
    .option('--bindings <file>', 'who performs the steps, directory of agents, hosts')
    .option('--side <side>', 'side of git conflicts to follow: ours or theirs')
    .option('--json', 'the plan as one line of JSON, exactly as it would run')
    .action(async (...given: Parameters<Actions['planWorkflow']>) => {
      const { planWorkflow } = await import('./plan-workflow.ts');
      await planWorkflow(...given);
    });
  workflowRunCommands(workflow);
}
