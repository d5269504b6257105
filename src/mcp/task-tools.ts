import { SluiceError } from '../base/sluice-error.ts';
import type { RunStatus, StepRow } from '../engine/workflow/workflow-api.ts';
import { answers, anyObject, listOf, oneOf, takes, text, textOrNull } from './json-schema.ts';
import { completeStep, waitSeconds } from './step-tools.ts';
import { type Calling, type Tool, tool } from './tool.ts';
import { runName } from './workflow-tools.ts';

/** As task lists of agents name them. */
type TaskStatus = 'pending' | 'in-progress' | 'review' | 'done' | 'blocked' | 'cancelled';

/** Words for done that documents ask for; read as one. */
const doneWords = ['done', 'complete', 'completed', 'SUCCEEDED'];

const statuses: Readonly<Record<StepRow['status'], TaskStatus>> = {
  PENDING: 'pending',
  READY: 'pending',
  RUNNING: 'in-progress',
  VERIFYING: 'in-progress',
  SUCCEEDED: 'done',
  UNPROVEN: 'review',
  FAILED: 'blocked',
  BLOCKED: 'blocked',
  ESCALATED: 'blocked',
  SKIPPED: 'cancelled',
  REVERTED: 'pending',
};

interface TaskRow {
  readonly task: string;
  readonly kind: 'step' | 'subtask' | 'document';
  readonly title: string | null;
  readonly status: TaskStatus;
  /** The same in the words of runs. */
  readonly state: StepRow['status'];
  readonly reason: string | null;
}

interface SetArgs {
  readonly run?: string;
  readonly task: string;
  readonly status: string;
  readonly note?: string;
  readonly waitSeconds?: number;
}

const taskRow = {
  task: { type: 'string' },
  kind: oneOf(['step', 'subtask', 'document'], 'what the id names'),
  title: textOrNull('title of a subtask, command of a step'),
  status: oneOf(['pending', 'in-progress', 'review', 'done', 'blocked', 'cancelled'], 'as task lists say it'),
  state: { type: 'string', description: 'the same in the words of runs' },
  reason: textOrNull('why it is so'),
};

/** Runs as a task list, for agents that know one. */
export const taskTools: readonly Tool[] = [
  tool({
    name: 'get_task_status',
    title: 'Status of tasks',
    description:
      'The status of one step or subtask, or of all, as a task list: pending, in-progress, review (done, waits for a person), done, blocked, cancelled.',
    nature: 'reads',
    input: takes({ run: runName, task: text('Id of a step or subtask; default: all.') }),
    output: answers(
      {
        run: text('name of the run'),
        tasks: listOf({ type: 'object', properties: taskRow }, 'in the order of the document'),
      },
      'run',
      'tasks',
    ),
    call: async ({ run, task }: { run?: string; task?: string }, { ask }) => {
      const status = await ask('workflowStatus', { run: run ?? null });
      return { run: status.run, tasks: task === undefined ? rowsOf(status) : [rowNamed(task, status)] };
    },
  }),
  tool({
    name: 'set_task_status',
    title: 'Set the status of a task',
    description:
      'Sets a step to done or blocked. Done begins the verification and answers with what was found: the status afterwards is what Sluice saw, not what was set. The id of a subtask with one open step stands for that step. Other statuses belong to Sluice or to people.',
    nature: 'changes',
    input: takes(
      {
        run: runName,
        task: text('Id of a step or subtask.'),
        status: oneOf(
          [...doneWords, 'pending', 'in-progress', 'review', 'blocked', 'deferred', 'cancelled'],
          'The status to set.',
        ),
        note: text('What was done; for blocked: what is in the way.'),
        waitSeconds,
      },
      'task',
      'status',
    ),
    output: answers(
      {
        run: text('name of the run'),
        ...taskRow,
        verified: { type: 'boolean', description: 'Sluice itself saw that every criterion holds' },
        judged: { type: 'boolean', description: 'false while it is still being verified' },
        judgements: listOf(anyObject, 'after done: each criterion with what was seen'),
      },
      'run',
      'task',
      'status',
    ),
    call: (args: SetArgs, calling) => setStatus(args, calling),
  }),
];

async function setStatus(args: SetArgs, calling: Calling): Promise<object> {
  const { task, status, note } = args;
  const found = await calling.ask('workflowStatus', { run: args.run ?? null });
  const { run } = found;
  const step = stepNamed(task, found);
  if (doneWords.includes(status)) {
    const given = note === undefined ? {} : { note };
    const wait = args.waitSeconds === undefined ? {} : { waitSeconds: args.waitSeconds };
    const { verified, judged, judgements } = await completeStep({ run, step, ...given, ...wait }, calling);
    return { ...(await rowNow(run, step, calling)), verified, judged, judgements };
  }
  if (status === 'blocked') {
    const said = { type: 'Block', step, reason: note ?? 'set to blocked', actor: calling.actor } as const;
    await calling.ask('workflowTell', { run, said });
    return rowNow(run, step, calling);
  }
  const row = rowNamed(step, found);
  if (row.status === status) return { run, ...row };
  throw notToSet(step, status, row);
}

async function rowNow(
  run: string,
  step: string,
  { ask }: Calling,
): Promise<TaskRow & { readonly run: string }> {
  return { run, ...rowNamed(step, await ask('workflowStatus', { run })) };
}

function rowsOf({ steps, groups }: RunStatus): readonly TaskRow[] {
  return groups.flatMap(({ id, kind, title, status, reason }) => [
    { task: id, kind, title, status: statuses[status], state: status, reason },
    ...steps
      .filter(({ group }) => group === id)
      .map(
        (step): TaskRow => ({
          task: step.id,
          kind: 'step',
          title: step.command,
          status: statuses[step.status],
          state: step.status,
          reason: step.reason,
        }),
      ),
  ]);
}

function rowNamed(task: string, status: RunStatus): TaskRow {
  const row = rowsOf(status).find((one) => one.task === task);
  if (row !== undefined) return row;
  throw new SluiceError({
    code: 'id-unknown',
    message: `${task} is no step or subtask of ${status.run}.`,
    remedy: 'Ask get_task_status without a task: it lists them all.',
  });
}

/** The step that an id means: itself, or the only one of a subtask that is not done. */
function stepNamed(task: string, status: RunStatus): string {
  const { kind } = rowNamed(task, status);
  if (kind === 'step') return task;
  const open = status.steps.filter((one) => one.group === task && statuses[one.status] !== 'done');
  const [only] = open;
  if (only !== undefined && open.length === 1) return only.id;
  throw new SluiceError({
    code: 'task-has-steps',
    message: `${task} is no single step: ${open.length} of its steps are open.`,
    remedy: `Set them one by one${open.length === 0 ? '' : `: ${open.map(({ id }) => id).join(', ')}`}; a subtask is done when its steps are and its own criteria hold.`,
  });
}

function notToSet(step: string, status: string, { state }: TaskRow): SluiceError {
  const taken = status === 'in-progress';
  return new SluiceError({
    code: taken ? 'not-now' : 'agent-may-not',
    message: `${step} is ${state} and cannot be set to ${status}${taken ? '' : ' by an agent'}.`,
    remedy: taken
      ? 'Ask get_next_step: the step that it answers with is in progress, in your hands.'
      : 'A person does it by name: `sluice workflow retry`, `skip` or `accept`.',
  });
}
