import type { RunStatus, StepInHand } from '../engine/workflow/workflow-api.ts';
import { answers, anyObject, listOf, takes, text, textOrNull } from './json-schema.ts';
import { completeAndAwait, untilNotTaken } from './judged-step.ts';
import { type Calling, type Tool, tool } from './tool.ts';
import { runName } from './workflow-tools.ts';

export const waitSeconds = {
  type: 'number',
  minimum: 0,
  maximum: 600,
  description: 'How long to wait for the verification, s. Default 50: most clients give up after 60.',
};

const judgedStep = answers(
  {
    run: text('name of the run'),
    step: text('id of the step'),
    status: { type: 'string' },
    attempt: { type: 'integer' },
    verified: { type: 'boolean', description: 'Sluice itself saw that every criterion holds' },
    judged: {
      type: 'boolean',
      description: 'false while it is still being verified: get_evidence tells later',
    },
    reason: textOrNull('why it did not succeed'),
    judgements: listOf(anyObject, 'each criterion with its outcome and what was seen'),
  },
  'run',
  'step',
  'status',
  'verified',
  'judged',
  'judgements',
);

export interface CompleteArgs {
  readonly run?: string;
  readonly step: string;
  readonly note?: string;
  readonly evidence?: readonly string[];
  readonly waitSeconds?: number;
}

const recorded = answers({ run: text('name of the run'), done: { const: true } }, 'run', 'done');
const stepId = text('Id of the step, as get_next_step or workflow_status tell it.');

/** Work on the steps of a run. */
export const stepTools: readonly Tool[] = [
  tool({
    name: 'get_next_step',
    title: 'Take the next step',
    description:
      'The next step of a run that waits for you, which is then in your hands: its brief, the tools that you may use for it, and the criteria by which Sluice will judge it. `step` is null when none waits for you. Asking again gives the same step until you complete or block it.',
    nature: 'changes',
    input: takes({ run: runName }),
    output: answers(
      {
        step: {
          type: ['object', 'null'],
          properties: {
            run: { type: 'string' },
            step: { type: 'string' },
            brief: { type: 'string' },
            tools: listOf({ type: 'string' }, 'no others may be used'),
            criteria: listOf(anyObject, 'label, kind, text'),
            workspace: { type: 'string', description: 'absolute path' },
          },
        },
        waitsFor: listOf({ type: 'string' }, 'without a step: what the run waits for'),
      },
      'step',
    ),
    call: async ({ run }: { run?: string }, { ask, actor }) => {
      const step = await untilNotTaken(() => ask('workflowNext', { run: run ?? null, actor }));
      if (step !== null) return { step, waitsFor: [] };
      const { waitsFor } = await ask('workflowStatus', { run: run ?? null });
      return { step, waitsFor };
    },
    text: ({ step, waitsFor }: { step: StepInHand | null; waitsFor: RunStatus['waitsFor'] }) =>
      step === null ? ['No step waits for you.', ...waitsFor].join('\n') : stepText(step),
  }),
  tool({
    name: 'complete_step',
    title: 'Say that a step is done',
    description:
      'Says that a step in your hands is done. Sluice then verifies each criterion itself and answers with what it found; your word is no evidence. Cancelling ends the waiting, not the verification.',
    nature: 'changes',
    input: takes(
      {
        run: runName,
        step: stepId,
        note: text('What was done.'),
        evidence: {
          type: 'array',
          maxItems: 50,
          items: text('A path, an address, a line of output.'),
          description: 'Where to look. It is kept with your note; it proves nothing by itself.',
        },
        waitSeconds,
      },
      'step',
    ),
    output: judgedStep,
    call: (args: CompleteArgs, calling) => completeStep(args, calling),
  }),
  tool({
    name: 'block_step',
    title: 'Block a step',
    description: 'Says that a step cannot be done, and why. A person sees to it; the run goes on elsewhere.',
    nature: 'changes',
    input: takes({ run: runName, step: stepId, reason: text('What is in the way.') }, 'step', 'reason'),
    output: recorded,
    call: async ({ run, step, reason }: { run?: string; step: string; reason: string }, { ask, actor }) => {
      const said = { type: 'Block', step, reason, actor } as const;
      return { ...(await ask('workflowTell', { run: run ?? null, said })), done: true };
    },
  }),
  tool({
    name: 'raise_concern',
    title: 'Raise a concern',
    description: 'Raises a concern about a subtask. The subtask does not succeed before it was answered.',
    nature: 'changes',
    input: takes(
      {
        run: runName,
        subtask: text('Id of the subtask.'),
        text: text('The concern.'),
        owner: text('Handle of who has to answer it.'),
      },
      'subtask',
      'text',
    ),
    output: recorded,
    call: async (args: { run?: string; subtask: string; text: string; owner?: string }, { ask, actor }) => {
      const said = {
        type: 'RaiseConcern',
        group: args.subtask,
        text: args.text,
        owner: args.owner ?? null,
        actor,
      } as const;
      return { ...(await ask('workflowTell', { run: args.run ?? null, said })), done: true };
    },
  }),
  tool({
    name: 'get_evidence',
    title: 'Evidence of a step',
    description:
      'What Sluice saw of a step, attempt by attempt: each criterion with its outcome, observed value, digest, exit code or status line, and the tail of the log.',
    nature: 'reads',
    input: takes({ run: runName, step: stepId }, 'step'),
    output: answers(
      {
        run: text('name of the run'),
        step: text('id of the step'),
        status: { type: 'string' },
        acceptedBy: textOrNull('who answered for what nothing proves'),
        attempts: listOf(anyObject, 'performed, judgements, reason'),
        log: { type: 'string' },
      },
      'run',
      'step',
      'status',
      'attempts',
    ),
    call: ({ run, step }: { run?: string; step: string }, { ask }) =>
      ask('workflowEvidence', { run: run ?? null, step }),
  }),
];

export function completeStep(args: CompleteArgs, calling: Calling): ReturnType<typeof completeAndAwait> {
  const { run, step, note, evidence = [], waitSeconds: seconds = 50 } = args;
  const lines = [note ?? '', ...evidence.map((one) => `evidence: ${one}`)].filter((line) => line !== '');
  return completeAndAwait(
    { run: run ?? null, step, note: lines.length === 0 ? null : lines.join('\n'), waitMs: seconds * 1_000 },
    calling,
  );
}

function stepText({ run, step, brief, tools, criteria }: StepInHand): string {
  return [
    `Step ${step} of ${run} is in your hands.`,
    brief.trimEnd(),
    `Tools that you may use: ${tools.join(', ') || 'none'}`,
    'Criteria, each looked at by Sluice:',
    ...criteria.map(
      ({ label, kind, text: told }) => `- ${label === '' ? '' : `${label}: `}${told} (${kind})`,
    ),
  ].join('\n\n');
}
