import { unreachable } from '../../base/invariant.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { RunEvent } from './event.ts';
import { indexOf } from './plan-index.ts';
import { renewedParts } from './renewed-parts.ts';
import type { Concern, GroupState, StepState, WorkflowRun } from './state.ts';

/** The state of a run after an event. */
export function evolve(run: WorkflowRun, event: RunEvent): WorkflowRun {
  const draft = draftOf(run);
  apply(draft, event);
  return draft;
}

/** A run that is written to in place: folding thousands of events copies it once. */
export type RunDraft = { -readonly [Key in keyof WorkflowRun]: WorkflowRun[Key] } & {
  steps: Map<string, StepState>;
  groups: Map<string, GroupState>;
};

export function draftOf(run: WorkflowRun): RunDraft {
  return { ...run, steps: new Map(run.steps), groups: new Map(run.groups) };
}

const newStep: StepState = {
  status: 'PENDING',
  attempt: 0,
  firstAttempt: 1,
  startedAt: null,
  endedAt: null,
  notBefore: null,
  takenBy: null,
  performed: null,
  judgements: [],
  reason: null,
  acceptedBy: null,
};

const newGroup: GroupState = {
  status: 'PENDING',
  snapshot: null,
  judgements: [],
  signed: {},
  reason: null,
  failing: [],
  failedStep: null,
  notReverted: [],
};

/** Writes what an event changed into the draft. */
export function apply(draft: RunDraft, event: RunEvent): void {
  draft.version += 1;
  switch (event.type) {
    case 'RunStarted':
      start(draft, event);
      return;
    case 'PlanRenewed':
      Object.assign(draft, renewedParts(draft, event.plan, event, { step: claimedStep, group: newGroup }));
      draft.plan = event.plan;
      return;
    case 'RunEnded':
      draft.status = event.ending;
      draft.endedAt = event.at;
      return;
    case 'ConcernRaised': {
      const { concern: id, group, text, by, owner, at } = event;
      draft.concerns = [...draft.concerns, { id, group, text, by, owner, at, resolution: null }];
      return;
    }
    case 'ConcernResolved':
      draft.concerns = draft.concerns.map(
        (one): Concern => (one.id === event.concern ? { ...one, resolution: event.resolution } : one),
      );
      return;
    default:
      if ('step' in event && event.type !== 'FailureHandled') applyToStep(draft, event);
      else applyToGroup(draft, event as GroupEvent);
  }
}

type StepEvent = Exclude<Extract<RunEvent, { step: string }>, { type: 'FailureHandled' }>;
type GroupEvent = Exclude<
  Extract<RunEvent, { group: string }>,
  { type: 'ConcernRaised' } | { type: 'RunStarted' }
>;

function start(draft: RunDraft, event: Extract<RunEvent, { type: 'RunStarted' }>): void {
  const { plan, workspace, skipped, by, at } = event;
  const asked = new Set(skipped);
  const left = new Set([...skipped, ...plan.nodes.filter(isLeftOut).map(({ id }) => id)]);
  draft.plan = plan;
  draft.workspace = workspace;
  draft.startedAt = at;
  draft.startedBy = by;
  draft.status = 'running';
  for (const node of plan.nodes) {
    const notAsked = { ...newStep, status: 'SKIPPED', reason: 'not asked for' } as const;
    draft.steps.set(node.id, asked.has(node.id) ? notAsked : claimedStep(node));
  }
  const { steps } = indexOf(plan);
  for (const { id, kind } of plan.groups) {
    const own = steps.get(id) ?? [];
    const out =
      kind === 'document' ? asked.size > 0 : own.length > 0 && own.every((node) => left.has(node.id));
    const reason = draft.steps.get(own[0]?.id ?? '')?.reason ?? 'not asked for';
    draft.groups.set(id, out ? { ...newGroup, status: 'SKIPPED', reason } : newGroup);
  }
}

function isLeftOut({ claim }: PlanNode): boolean {
  return claim?.kind === 'left-out';
}

/** As a step begins by the word of its document. What is said to be done is still to be judged. */
function claimedStep({ claim }: PlanNode): StepState {
  if (claim === undefined || claim.kind === 'done') return newStep;
  const says = `its document says "${claim.status}"`;
  return claim.kind === 'left-out'
    ? { ...newStep, status: 'SKIPPED', reason: says }
    : { ...newStep, status: 'BLOCKED', reason: `${says}; \`retry\` has it done now, \`skip\` leaves it out` };
}

function applyToStep(draft: RunDraft, event: StepEvent): void {
  const before = draft.steps.get(event.step);
  if (before === undefined) return;
  draft.steps.set(event.step, { ...before, ...changed(before, event) });
}

/** What an event changes in the step that it tells of. */
function changed(before: StepState, event: StepEvent): Partial<StepState> {
  switch (event.type) {
    case 'StepStarted': {
      const { attempt, at: startedAt } = event;
      const fresh = {
        performed: null,
        judgements: [],
        reason: null,
        notBefore: null,
        endedAt: null,
        takenBy: null,
      };
      return { ...fresh, status: 'RUNNING', attempt, startedAt };
    }
    case 'StepTaken':
      return { takenBy: event.by };
    case 'StepPerformed':
      return { status: 'VERIFYING', performed: event.performed };
    case 'StepJudged':
      return { judgements: event.judgements };
    case 'StepSucceeded':
      return {
        status: 'SUCCEEDED',
        endedAt: event.at,
        acceptedBy: event.acceptedBy,
        reason: event.reason,
      };
    case 'StepUnproven':
      return { status: 'UNPROVEN', endedAt: event.at, reason: event.reason };
    case 'StepFailed': {
      const { reason, retryAt } = event;
      const status = retryAt === null ? 'FAILED' : 'PENDING';
      return { status, endedAt: event.at, reason, notBefore: retryAt, takenBy: null };
    }
    case 'StepBlocked':
      return { status: 'BLOCKED', endedAt: event.at, reason: event.reason };
    case 'StepSkipped':
      return { status: 'SKIPPED', endedAt: event.at, reason: event.reason };
    case 'StepReset':
      return {
        status: 'PENDING',
        firstAttempt: before.attempt + 1,
        takenBy: null,
        notBefore: null,
        performed: null,
        judgements: [],
        // That a document was wrong stays to be seen until the step is begun.
        reason: before.performed?.ended === 'claimed' ? event.reason : null,
        acceptedBy: null,
      };
    default:
      return unreachable(event);
  }
}

function applyToGroup(draft: RunDraft, event: GroupEvent): void {
  const before = draft.groups.get(event.group);
  if (before === undefined) return;
  draft.groups.set(event.group, { ...before, ...groupChange(draft, before, event) });
}

function groupChange(draft: RunDraft, before: GroupState, event: GroupEvent): Partial<GroupState> {
  switch (event.type) {
    case 'PreconditionsJudged':
      return { status: 'PENDING', reason: null, judgements: event.judgements };
    case 'GroupJudged':
      return { judgements: event.judgements };
    case 'GroupReopened':
      return { status: 'PENDING', judgements: [], snapshot: null, failing: [], reason: null };
    case 'GroupStarted':
      return { status: 'RUNNING', reason: null, judgements: [] };
    case 'SnapshotTaken':
      return { snapshot: event.digest };
    case 'FailureHandled':
      return { status: 'RUNNING', failing: event.actions, failedStep: event.step, notReverted: [] };
    case 'GroupReverted':
      revertSteps(draft, event.group);
      return { failing: before.failing.slice(1), notReverted: event.notReverted };
    case 'Notified':
      return { failing: before.failing.slice(1) };
    case 'GroupEscalated': {
      const failed = before.failedStep === null ? undefined : draft.steps.get(before.failedStep);
      if (failed !== undefined && before.failedStep !== null)
        draft.steps.set(before.failedStep, { ...failed, status: 'ESCALATED' });
      return { status: 'ESCALATED', failing: before.failing.slice(1) };
    }
    case 'CriterionSigned': {
      const { criterion, by, reason } = event;
      return { signed: { ...before.signed, [criterion]: { by, reason } } };
    }
    case 'GroupSucceeded':
      return { status: 'SUCCEEDED', reason: null };
    case 'GroupUnproven':
      return { status: 'UNPROVEN', reason: event.reason };
    case 'GroupBlocked':
      return { status: 'BLOCKED', reason: event.reason };
    case 'GroupFailed':
      return { status: 'FAILED', reason: event.reason };
    default:
      return unreachable(event);
  }
}

function revertSteps(draft: RunDraft, group: string): void {
  const own = draft.plan === null ? [] : (indexOf(draft.plan).steps.get(group) ?? []);
  for (const { id } of own) {
    const step = draft.steps.get(id);
    const begun = step !== undefined && step.attempt > 0 && step.status !== 'SKIPPED';
    if (begun) draft.steps.set(id, { ...step, status: 'REVERTED' });
  }
}
