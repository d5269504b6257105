import { unreachable } from '../../base/invariant.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import type { Performed } from './judgement.ts';
import { groupOf, isFor, needsHold, type Progress } from './progress.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { StepState } from './state.ts';

type Word = Extract<
  RunCommand,
  {
    type:
      | 'Take'
      | 'Complete'
      | 'Block'
      | 'Accept'
      | 'Retry'
      | 'Skip'
      | 'RaiseConcern'
      | 'ResolveConcern'
      | 'Resume'
      | 'Cancel';
  }
>;
type OnStep = Extract<Word, { step: string }>;

/** Takes the word of a person or of an agent that works from outside; null: it was taken. */
export function takeWord(progress: Progress, command: Word): Refusal | null {
  const { at } = progress;
  switch (command.type) {
    case 'Take':
    case 'Complete':
    case 'Block':
    case 'Retry':
    case 'Skip':
      return takeOnStep(progress, command);
    case 'Accept':
      return accept(progress, command);
    case 'RaiseConcern': {
      const { concern, group, text, owner, by } = command;
      if (!progress.index.groups.has(group)) return unknown(group);
      progress.emit({ type: 'ConcernRaised', concern, group, text, by, owner, at });
      return null;
    }
    case 'ResolveConcern':
      return resolveConcern(progress, command);
    case 'Resume':
      resume(progress);
      return null;
    case 'Cancel':
      if (isAgent(command)) return agentsMayNot('cancel a run');
      progress.emit({ type: 'RunEnded', ending: 'cancelled', reason: command.reason, at });
      return null;
    default:
      return unreachable(command);
  }
}

/** Whoever does steps does not judge them. */
export function isAgent({ by }: Pick<RunCommand, 'by'>): boolean {
  return by.startsWith('agent:') || by.startsWith('mcp:');
}

function agentsMayNot(what: string): Refusal {
  return refusal('agent-may-not', `An agent may not ${what}.`, 'A person does it, by name.');
}

function unknown(id: string): Refusal {
  return refusal('id-unknown', `${id} is nowhere in this run.`, '`sluice workflow status` lists its steps.');
}

function takeOnStep(progress: Progress, command: OnStep): Refusal | null {
  const node = progress.index.nodes.get(command.step);
  const state = progress.draft.steps.get(command.step);
  if (node === undefined || state === undefined) return unknown(command.step);
  switch (command.type) {
    case 'Take':
      return takeStep(progress, node, state, command.by);
    case 'Complete':
      return complete(progress, node, state, command);
    case 'Block':
      return block(progress, state, command);
    case 'Retry':
      return isAgent(command) ? agentsMayNot('begin a step anew') : retry(progress, node, state, command);
    case 'Skip':
      return isAgent(command) ? agentsMayNot('leave out a step') : skip(progress, state, command);
    default:
      return unreachable(command);
  }
}

/** It can be begun now by whoever works from outside. */
function isReady({ draft, index }: Progress, node: PlanNode, { status }: StepState): boolean {
  if (status === 'BLOCKED') return true;
  const group = groupOf(draft, node.group);
  if (status !== 'PENDING' || group.status !== 'RUNNING' || !needsHold(draft, node)) return false;
  const own = index.steps.get(node.group) ?? [];
  return own.slice(0, own.indexOf(node)).every(({ id }) => {
    const before = draft.steps.get(id)?.status;
    return before === 'SUCCEEDED' || before === 'SKIPPED' || before === 'FAILED';
  });
}

function takeStep(progress: Progress, node: PlanNode, state: StepState, by: string): Refusal | null {
  if (isAgent({ by }) && !isFor(node, by)) return agentsMayNot(`take ${node.id}, which is not its own`);
  const step = node.id;
  if (state.status === 'RUNNING' && state.takenBy !== null) {
    if (state.takenBy === by) return null;
    return refusal('step-taken', `${step} is in the hands of ${state.takenBy}.`, 'Ask for the next one.');
  }
  if (!isReady(progress, node, state)) return notNow(step, state);
  const attempt = state.attempt + 1;
  progress.emit({ type: 'StepStarted', step, attempt, at: progress.at });
  progress.emit({ type: 'StepTaken', step, attempt, by });
  return null;
}

/** That somebody says it is done is no evidence: its criteria are judged as those of any other step. */
function complete(
  progress: Progress,
  node: PlanNode,
  state: StepState,
  { by, note, step }: Extract<OnStep, { type: 'Complete' }>,
): Refusal | null {
  if (state.status === 'RUNNING' && state.takenBy === null) return notNow(step, state);
  if (state.status === 'RUNNING' && state.takenBy !== by && isAgent({ by })) {
    return refusal('step-taken', `${step} is in the hands of ${state.takenBy}.`, 'Ask for the next one.');
  }
  if (isAgent({ by }) && !isFor(node, by)) return agentsMayNot(`complete ${step}, which is not its own`);
  if (state.status !== 'RUNNING') {
    const refused = takeStep(progress, node, state, by);
    if (refused !== null) return refused;
  }
  const { attempt, startedAt } = progress.draft.steps.get(step) ?? state;
  const performed: Performed = {
    ended: 'done',
    exitCode: null,
    excerpt: note ?? '',
    log: null,
    durationMs: progress.at - (startedAt ?? progress.at),
    usage: null,
    tampered: [],
  };
  progress.emit({ type: 'StepPerformed', step, attempt, performed });
  return null;
}

function block(
  progress: Progress,
  state: StepState,
  { step, reason, by }: Extract<OnStep, { type: 'Block' }>,
): Refusal | null {
  const { status } = state;
  if (status === 'SUCCEEDED' || status === 'SKIPPED') return notNow(step, state);
  progress.emit({ type: 'StepBlocked', step, reason, by, at: progress.at });
  return null;
}

function retry(
  progress: Progress,
  node: PlanNode,
  state: StepState,
  { step, reason, by }: Extract<OnStep, { type: 'Retry' }>,
): Refusal | null {
  const { status } = state;
  if (status === 'PENDING' || status === 'RUNNING' || status === 'VERIFYING' || status === 'SKIPPED')
    return notNow(step, state);
  // What was taken back with it has to be done again before it.
  const reverted = (progress.index.steps.get(node.group) ?? []).filter(
    ({ id }) => id !== step && progress.draft.steps.get(id)?.status === 'REVERTED',
  );
  for (const { id } of reverted) progress.emit({ type: 'StepReset', step: id, by, reason });
  progress.emit({ type: 'StepReset', step, by, reason });
  reopen(progress, node.group);
  return null;
}

function skip(
  progress: Progress,
  state: StepState,
  { step, reason, by }: Extract<OnStep, { type: 'Skip' }>,
): Refusal | null {
  if (!['PENDING', 'BLOCKED', 'ESCALATED', 'FAILED', 'REVERTED', 'UNPROVEN'].includes(state.status))
    return notNow(step, state);
  progress.emit({ type: 'StepSkipped', step, reason, by, at: progress.at });
  const node = progress.index.nodes.get(step);
  if (node !== undefined) reopen(progress, node.group);
  return null;
}

/** A group that had come to a halt goes on. */
function reopen(progress: Progress, group: string): void {
  const { status } = groupOf(progress.draft, group);
  if (status === 'ESCALATED' || status === 'FAILED' || status === 'UNPROVEN')
    progress.emit({ type: 'GroupReopened', group });
}

function accept(progress: Progress, command: Extract<Word, { type: 'Accept' }>): Refusal | null {
  const { id, by, reason } = command;
  const { at } = progress;
  if (isAgent(command)) return agentsMayNot('accept what nothing proves');
  const step = progress.draft.steps.get(id);
  if (step === undefined) return sign(progress, command);
  if (step.status !== 'UNPROVEN') {
    return refusal(
      'nothing-to-accept',
      `${id} is ${step.status}, not UNPROVEN.`,
      'Only what was done and could not be proven is accepted; `retry` begins a step anew, `complete` says that it was done.',
    );
  }
  progress.emit({ type: 'StepSucceeded', step: id, at, acceptedBy: by, reason });
  return null;
}

/** A group waits for a word on what only a person can judge: all of it, or one criterion. */
function sign(
  progress: Progress,
  { id: group, criterion, by, reason }: Extract<Word, { type: 'Accept' }>,
): Refusal | null {
  const state = progress.draft.groups.get(group);
  if (state === undefined) return unknown(group);
  const open = state.judgements.filter(
    (one) => one.outcome !== 'holds' && one.outcome !== 'fails' && !(one.criterion in state.signed),
  );
  const meant = open.filter((one) => criterion === null || one.criterion === criterion);
  if (meant.length === 0 || (state.status !== 'UNPROVEN' && state.status !== 'BLOCKED')) {
    return refusal(
      'nothing-to-accept',
      `${group} waits for no sign-off${criterion === null ? '' : ` on ${criterion}`}.`,
      '`sluice workflow status` says what each waits for.',
    );
  }
  for (const one of meant)
    progress.emit({ type: 'CriterionSigned', group, criterion: one.criterion, by, reason });
  if (state.status === 'UNPROVEN' && meant.length === open.length)
    progress.emit({ type: 'GroupSucceeded', group, at: progress.at });
  return null;
}

function resolveConcern(
  progress: Progress,
  command: Extract<Word, { type: 'ResolveConcern' }>,
): Refusal | null {
  const { concern, by, resolution } = command;
  const found = progress.draft.concerns.find(({ id }) => id === concern);
  if (found === undefined || found.resolution !== null) {
    return refusal(
      'concern-unknown',
      `There is no open concern ${concern}.`,
      'See `sluice workflow status`.',
    );
  }
  if (isAgent(command) && found.by !== by) return agentsMayNot("resolve another's concern");
  progress.emit({ type: 'ConcernResolved', concern, by, resolution, at: progress.at });
  return null;
}

/** Looks again at what others had to provide. */
function resume(progress: Progress): void {
  for (const [group, { status, judgements }] of [...progress.draft.groups]) {
    if (status === 'BLOCKED' && judgements.length > 0)
      progress.emit({ type: 'PreconditionsJudged', group, judgements: [] });
  }
}

function notNow(step: string, { status, reason }: StepState): Refusal {
  return refusal(
    'not-now',
    `${step} is ${status}${reason === null ? '' : ` (${reason})`}.`,
    '`sluice workflow status` says what each step waits for.',
  );
}
