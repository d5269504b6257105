import { unreachable } from '../../base/invariant.ts';
import { judgeStep, told } from '../judge/judge-step.ts';
import type { PlanGroup, PlanNode } from '../plan/plan.ts';
import type { RunCommand } from './command.ts';
import type { Judgement } from './judgement.ts';
import { groupOf, nextStep, openConcerns, type Progress } from './progress.ts';
import type { StepState } from './state.ts';

type Observation = Extract<RunCommand, { type: `Record${string}` }>;

/** Takes in what was observed. What tells of another attempt, or of what is not waited for any more, is no news. */
export function record(progress: Progress, command: Exclude<Observation, { type: 'RecordClockJump' }>): void {
  switch (command.type) {
    case 'RecordPerformed':
    case 'RecordJudged': {
      const step = progress.draft.steps.get(command.step);
      const node = progress.index.nodes.get(command.step);
      if (step === undefined || node === undefined || step.attempt !== command.attempt) return;
      if (command.type === 'RecordPerformed') recordPerformed(progress, step, command);
      else recordJudged(progress, step, node, command);
      return;
    }
    case 'RecordPreconditions':
    case 'RecordSnapshot':
    case 'RecordSnapshotFailed':
    case 'RecordReverted':
    case 'RecordNotified':
    case 'RecordEscalated':
    case 'RecordGroupJudged': {
      const group = progress.index.groups.get(command.group);
      if (group !== undefined) recordOfGroup(progress, group, command);
      return;
    }
    default:
      unreachable(command);
  }
}

function recordPerformed(
  progress: Progress,
  { status }: StepState,
  { step, attempt, performed }: Extract<Observation, { type: 'RecordPerformed' }>,
): void {
  if (status === 'RUNNING') progress.emit({ type: 'StepPerformed', step, attempt, performed });
}

function recordJudged(
  progress: Progress,
  { status, performed, attempt, firstAttempt }: StepState,
  node: PlanNode,
  { step, judgements }: Extract<Observation, { type: 'RecordJudged' }>,
): void {
  if (status !== 'VERIFYING' || performed === null) return;
  const { at } = progress;
  progress.emit({ type: 'StepJudged', step, attempt, judgements, at });
  const verdict = judgeStep(node, performed, judgements);
  if (verdict.kind === 'succeeded') {
    progress.emit({ type: 'StepSucceeded', step, at, acceptedBy: null, reason: null });
  } else if (verdict.kind === 'unproven') {
    progress.emit({ type: 'StepUnproven', step, reason: verdict.reason, at });
  } else if (verdict.kind === 'disproved') {
    progress.emit({ type: 'StepReset', step, by: 'controller', reason: verdict.reason });
  } else if (verdict.kind === 'lost') {
    const { reason, again } = verdict;
    if (again) progress.emit({ type: 'StepFailed', step, attempt, reason, retryAt: at, at });
    else progress.emit({ type: 'StepBlocked', step, reason, by: 'controller', at });
  } else failAttempt(progress, { node, attempt, tried: attempt - firstAttempt, reason: verdict.reason });
}

/** Once more after a while, or by the failure policy when the retries are used up. */
function failAttempt(
  progress: Progress,
  failed: {
    readonly node: PlanNode;
    readonly attempt: number;
    readonly tried: number;
    readonly reason: string;
  },
): void {
  const { at, index } = progress;
  const { node, attempt, tried, reason } = failed;
  const group = index.groups.get(node.group);
  if (group === undefined) return;
  const again = tried < group.retries;
  const retryAt = again ? at + group.backoffMs * 2 ** Math.min(tried, 10) : null;
  progress.emit({ type: 'StepFailed', step: node.id, attempt, reason, retryAt, at });
  if (!again) handleFailure(progress, group, node.id, reason);
}

function handleFailure(
  progress: Progress,
  { id: group, failure: { actions } }: PlanGroup,
  step: string | null,
  reason: string,
): void {
  progress.emit({ type: 'FailureHandled', group, step, reason, actions });
}

function recordOfGroup(
  progress: Progress,
  plan: PlanGroup,
  command: Exclude<Observation, { type: 'RecordClockJump' | 'RecordPerformed' | 'RecordJudged' }>,
): void {
  const { draft, at } = progress;
  const { group } = command;
  const state = groupOf(draft, group);
  const [failing] = state.failing;
  switch (command.type) {
    case 'RecordPreconditions': {
      const { judgements } = command;
      if (state.status === 'PENDING') progress.emit({ type: 'PreconditionsJudged', group, judgements });
      return;
    }
    case 'RecordSnapshot':
      if (state.snapshot === null) progress.emit({ type: 'SnapshotTaken', group, digest: command.digest });
      return;
    case 'RecordSnapshotFailed':
      if (state.status === 'RUNNING' && state.snapshot === null) blockGroup(progress, group, command.reason);
      return;
    case 'RecordReverted': {
      const { digest, restored, notReverted } = command;
      if (failing !== 'revert') return;
      progress.emit({ type: 'GroupReverted', group, digest, restored, notReverted, at });
      giveUp(progress, plan);
      return;
    }
    case 'RecordNotified':
      if (failing !== 'notify') return;
      progress.emit({ type: 'Notified', group, to: plan.failure.to, at });
      giveUp(progress, plan);
      return;
    case 'RecordEscalated':
      if (failing !== 'escalate') return;
      progress.emit({ type: 'GroupEscalated', group, to: plan.failure.to, file: command.file, at });
      return;
    case 'RecordGroupJudged':
      recordGroupJudged(progress, plan, command.judgements);
      return;
    default:
      unreachable(command);
  }
}

/** What could be taken back must be kept first: until it is, that counts as a precondition, which `Resume` looks at again. */
function blockGroup(progress: Progress, group: string, observed: string): void {
  const { at } = progress;
  const seen = { holds: false, observed, digest: null, exitCode: null, excerpt: '', path: null, at };
  const judgement: Judgement = { criterion: 'snapshot', outcome: 'fails', seen };
  progress.emit({ type: 'PreconditionsJudged', group, judgements: [judgement] });
  progress.emit({ type: 'GroupBlocked', group, reason: observed, at });
}

/** Where the policy says no more than to notify, the next step is taken; what was reverted or never held has failed. */
function giveUp(progress: Progress, { id: group, failure }: PlanGroup): void {
  const { failing, failedStep } = groupOf(progress.draft, group);
  if (failing.length > 0) return;
  if (failure.actions.every((action) => action === 'notify') && failedStep !== null) return;
  const reason = failedStep === null ? 'what it must show as a whole does not hold' : `${failedStep} failed`;
  progress.emit({ type: 'GroupFailed', group, reason, at: progress.at });
}

function recordGroupJudged(
  progress: Progress,
  plan: PlanGroup,
  judgements: Extract<Observation, { type: 'RecordGroupJudged' }>['judgements'],
): void {
  const { draft, at } = progress;
  const { id: group } = plan;
  const { status, signed } = groupOf(draft, group);
  if (status !== 'RUNNING' || nextStep(draft, plan) !== null || openConcerns(draft, group).length > 0) return;
  progress.emit({ type: 'GroupJudged', group, judgements, at });
  const broken = judgements.filter(({ outcome }) => outcome === 'fails' || outcome === 'error');
  const open = judgements.filter(({ criterion, outcome }) => outcome !== 'holds' && !(criterion in signed));
  if (broken.length > 0) handleFailure(progress, plan, null, told(plan.criteria, broken));
  else if (open.length > 0)
    progress.emit({ type: 'GroupUnproven', group, reason: told(plan.criteria, open), at });
  else progress.emit({ type: 'GroupSucceeded', group, at });
}
