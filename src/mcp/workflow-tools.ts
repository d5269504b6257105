import type { Side } from '../workflow/reading/read-document.ts';
import { answers, anyObject, listOf, oneOf, takes, text } from './json-schema.ts';
import { type Tool, tool } from './tool.ts';
import type { AskedDocuments } from './workspace-documents.ts';

export const runName = text('Name of the run; default: the newest.');

const documentInput = {
  documents: {
    type: 'array',
    minItems: 1,
    maxItems: 100,
    items: text('Path relative to the workspace.'),
    description: 'Workflow documents that belong together.',
  },
  bindings: text('Bindings file: who performs the steps, and the probes that prove them.'),
  side: oneOf(['ours', 'theirs'], 'Side of git conflicts to read.'),
};

interface RunArgs extends AskedDocuments {
  readonly from?: string;
  readonly only?: string;
}

/** Documents and the runs of them. */
export const workflowTools: readonly Tool[] = [
  tool({
    name: 'workflow_list',
    title: 'List workflows and runs',
    description:
      'Workflow documents of the workspace (markdown, or tasks.json), and every run with its state. Begin here.',
    nature: 'reads',
    input: takes({}),
    output: answers(
      {
        documents: listOf(anyObject, 'path, generation, steps, conflicts'),
        runs: listOf(anyObject, 'newest last'),
      },
      'documents',
      'runs',
    ),
    call: async (_: object, { documents, ask }) => {
      const [found, runs] = await Promise.all([documents.list(), ask('workflowRuns', {})]);
      return { documents: found, runs };
    },
  }),
  tool({
    name: 'workflow_check',
    title: 'Check workflow documents',
    description:
      'What was understood of workflow documents, step by step: what needs a binding, what a person must judge, and every problem with its line. Changes nothing.',
    nature: 'reads',
    input: takes(documentInput, 'documents'),
    output: answers(
      { documents: listOf(anyObject, 'for each what `sluice workflow check --json` prints, and its file') },
      'documents',
    ),
    call: async (args: AskedDocuments, { documents }) => ({ documents: await documents.check(args) }),
  }),
  tool({
    name: 'workflow_plan',
    title: 'Plan a workflow',
    description:
      'The plan that a run of these documents would follow: steps in order, executors, criteria, failure policies, and what is missing. Changes nothing.',
    nature: 'reads',
    input: takes(documentInput, 'documents'),
    output: answers(
      { plan: anyObject, problems: listOf(anyObject, 'code, file, line, message') },
      'plan',
      'problems',
    ),
    call: (args: AskedDocuments, { documents }) => documents.plan(args),
  }),
  tool({
    name: 'workflow_run',
    title: 'Run a workflow',
    description:
      'Begins a run of these documents and returns at once with its name. Steps that are bound to commands run by themselves; those for an MCP agent wait for get_next_step.',
    nature: 'acts',
    input: takes(
      {
        ...documentInput,
        from: text('Begin with this step; those before it are left out.'),
        only: text('This subtask only.'),
      },
      'documents',
    ),
    output: answers({ run: text('name of the run') }, 'run'),
    call: async (args: RunArgs, { documents, ask }) =>
      ask('workflowRun', {
        ...(await documents.paths(args)),
        workspace: documents.workspace,
        side: (args.side ?? null) as Side | null,
        from: args.from ?? null,
        only: args.only ?? null,
      }),
  }),
  tool({
    name: 'workflow_status',
    title: 'Status of a run',
    description: 'Every step and subtask of a run, open concerns, and what the run waits for, with whom.',
    nature: 'reads',
    input: takes({ run: runName }),
    output: answers(
      {
        run: text('name of the run'),
        status: oneOf(['running', 'waiting', 'succeeded', 'failed', 'cancelled'], 'of the whole run'),
        steps: listOf(anyObject, 'id, status, attempt, executor, reason …'),
        groups: listOf(anyObject, 'subtasks and documents'),
        concerns: listOf(anyObject, 'open ones'),
        waitsFor: listOf({ type: 'string' }, 'what somebody has to do'),
      },
      'run',
      'status',
      'steps',
    ),
    call: ({ run }: { run?: string }, { ask }) => ask('workflowStatus', { run: run ?? null }),
  }),
];
