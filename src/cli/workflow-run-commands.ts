import type { Command } from 'commander';

type Actions = typeof import('./run-workflow.ts');

interface Common {
  readonly config?: string;
  readonly run?: string;
  readonly json?: boolean;
}

/** Commands on runs of workflow documents. */
export function workflowRunCommands(workflow: Command): void {
  workflow
    .command('run <file...>')
    .description('do what documents say, step by step; every criterion is looked at by Sluice itself')
    .option('--bindings <file>', 'who performs the steps, and the probes that prove them')
    .option('--workspace <folder>', 'where the work is done; default: this folder')
    .option('--side <side>', 'side of git conflicts to read: ours or theirs')
    .option('--from <step>', 'begin with this step; those before it are left out')
    .option('--only <subtask>', 'this subtask only')
    .option('--dry-run', 'the same as `sluice workflow plan`')
    .option('--detach', 'return at once; `sluice workflow resume` follows')
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON for each change, a summary at the end')
    .action(async (...given: Parameters<Actions['runWorkflow']>) => (await actions()).runWorkflow(...given));
  common(workflow.command('resume [run]').description('look again at what a run waits for, and follow it'))
    .option('--detach', 'return at once')
    .option('--accept-changes', 'go on with what documents ask for now, where they were changed')
    .action(
      async (run: string | undefined, options: Common & { detach?: boolean; acceptChanges?: boolean }) =>
        (await actions()).resumeWorkflow(run, options),
    );
  common(workflow.command('status [run]').description('every step of a run, and what it waits for')).action(
    async (run: string | undefined, options: Common) => (await actions()).workflowStatus(run, options),
  );
  common(workflow.command('list').description('every run of this folder')).action(async (options: Common) =>
    (await actions()).workflowList(options),
  );
  words(workflow);
  reading(workflow);
}

function words(workflow: Command): void {
  said(
    workflow,
    'complete <step>',
    'say that a step is done; then it is verified',
    '--note <text>',
    'what was done',
  )
    .option('--detach', 'return before it is verified')
    .action(async (step: string, options: Common & { note?: string; detach?: boolean }) =>
      (await actions()).completeStep(step, options),
    );
  said(workflow, 'accept <id>', 'answer for a step that nothing proves, or sign what only a person can judge')
    .option('--criterion <id>', 'one criterion of a subtask or document; default: all that wait')
    .action(async (id: string, options: Common & { reason: string; criterion?: string }) =>
      (await actions()).tellRun(options, {
        type: 'Accept',
        id,
        criterion: options.criterion ?? null,
        reason: options.reason,
      }),
    );
  said(workflow, 'block <step>', 'hold a step until somebody has seen to it').action(
    async (step: string, options: Common & { reason: string }) =>
      (await actions()).tellRun(options, { type: 'Block', step, reason: options.reason }),
  );
  said(workflow, 'retry <step>', 'begin a step anew, with all its attempts').action(
    async (step: string, options: Common & { reason: string }) =>
      (await actions()).tellRun(options, { type: 'Retry', step, reason: options.reason }),
  );
  said(workflow, 'skip <step>', 'leave a step out; what needs it goes on').action(
    async (step: string, options: Common & { reason: string }) =>
      (await actions()).tellRun(options, { type: 'Skip', step, reason: options.reason }),
  );
  said(workflow, 'cancel', 'end a run; what is under way is ended with it').action(
    async (options: Common & { reason: string }) =>
      (await actions()).tellRun(options, { type: 'Cancel', reason: options.reason }),
  );
  said(workflow, 'concern <subtask>', 'raise a concern: the subtask does not succeed before it is answered')
    .option('--owner <handle>', 'who has to answer it')
    .action(async (group: string, options: Common & { reason: string; owner?: string }) =>
      (await actions()).tellRun(options, {
        type: 'RaiseConcern',
        group,
        text: options.reason,
        owner: options.owner ?? null,
      }),
    );
  said(workflow, 'answer <concern>', 'settle a concern').action(
    async (concern: string, options: Common & { reason: string }) =>
      (await actions()).tellRun(options, { type: 'ResolveConcern', concern, resolution: options.reason }),
  );
}

function reading(workflow: Command): void {
  common(workflow.command('evidence <step>').description('what was seen of a step, attempt by attempt'))
    .option('--run <run>', 'default: the newest')
    .action(async (step: string, options: Common) => (await actions()).stepEvidence(step, options));
  common(
    workflow
      .command('export-state [run]')
      .description('write what the journal says into Step.json and DNA.json; what else they hold is kept'),
  )
    .option('--tick', 'tick the artifacts in the checklists of the documents that are there and complete')
    .option('--dry-run', 'tell what would change and what contradicts the journal; write nothing')
    .action(async (run: string | undefined, options: Common & { tick?: boolean; dryRun?: boolean }) =>
      (await actions()).exportState(run, options),
    );
  common(workflow.command('report [run]').description('the report of a run, as markdown or JUnit XML'))
    .option('--junit', 'JUnit XML, which build servers read')
    .option('--out <file>', 'write it there')
    .action(async (run: string | undefined, options: Common & { junit?: boolean; out?: string }) =>
      (await actions()).workflowReport(run, options),
    );
}

function common(command: Command): Command {
  return command.option('--config <file>', 'sluice.yml to use').option('--json', 'one line of JSON');
}

/** A word on a run, which is recorded with who said it and why. */
function said(
  workflow: Command,
  name: string,
  description: string,
  option = '--reason <text>',
  about = 'why; it is recorded',
): Command {
  const command = common(workflow.command(name).description(description)).option(
    '--run <run>',
    'default: the newest',
  );
  return option.startsWith('--reason')
    ? command.requiredOption(option, about)
    : command.option(option, about);
}

function actions(): Promise<Actions> {
  return import('./run-workflow.ts');
}
