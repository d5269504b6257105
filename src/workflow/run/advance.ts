import { told } from '../judge/judge-step.ts';
import type { PlanGroup, PlanNode } from '../plan/plan.ts';
import { hasTheFloor, mayRevert, runningGroups } from './floor.ts';
import type { Performed } from './judgement.ts';
import { groupOf, isOutside, needsHold, nextStep, openConcerns, type Progress, stepOf } from './progress.ts';

/** Emits what follows of itself from where the run stands, until nothing more does. */
export function advance(progress: Progress): void {
  const { draft, events } = progress;
  for (let before = -1; draft.status === 'running' && events.length !== before; ) {
    before = events.length;
    for (const group of progress.plan.groups) advanceGroup(progress, group);
    end(progress);
  }
}

function advanceGroup(progress: Progress, group: PlanGroup): void {
  const { status } = groupOf(progress.draft, group.id);
  if (status === 'PENDING' || status === 'BLOCKED') begin(progress, group);
  else if (status === 'RUNNING') goOn(progress, group);
}

function begin(progress: Progress, group: PlanGroup): void {
  const { draft, at } = progress;
  const { status, judgements, signed } = groupOf(draft, group.id);
  const unknown = group.needs.find(({ on }) => !draft.groups.has(on) && !draft.steps.has(on));
  if (unknown !== undefined) {
    const reason = `${unknown.on}, which it needs, is in no document of this run`;
    if (status === 'PENDING') progress.emit({ type: 'GroupBlocked', group: group.id, reason, at });
    return;
  }
  if (!needsHold(draft, group) || !hasTheFloor(draft, group, runningGroups(draft))) return;
  // They are looked at first; the answer comes back as a command.
  if (group.preconditions.length > judgements.length) return;
  const open = judgements.filter(({ criterion, outcome }) => outcome !== 'holds' && !(criterion in signed));
  if (open.length === 0) progress.emit({ type: 'GroupStarted', group: group.id, at });
  else if (status === 'PENDING') {
    progress.emit({ type: 'GroupBlocked', group: group.id, reason: told(group.preconditions, open), at });
  }
}

function goOn(progress: Progress, group: PlanGroup): void {
  const { draft } = progress;
  const { failing, snapshot } = groupOf(draft, group.id);
  if (failing.length > 0) return;
  const next = nextStep(draft, group);
  if (next === null) finish(progress, group);
  else if (snapshot !== null || !mayRevert(group)) goOnWith(progress, group, next);
}

function goOnWith(progress: Progress, group: PlanGroup, node: PlanNode): void {
  const { draft, at } = progress;
  const { status, notBefore, attempt, reason: before } = stepOf(draft, node.id);
  if (status !== 'PENDING' || (notBefore !== null && notBefore > at)) return;
  if (!needsHold(draft, node) || !hasTheFloor(draft, group, runningGroups(draft))) return;
  const step = node.id;
  if (node.claim?.kind === 'done' && attempt === 0) {
    progress.emit({ type: 'StepStarted', step, attempt: 1, at });
    progress.emit({ type: 'StepPerformed', step, attempt: 1, performed: claimed });
  } else if (node.executor === null) {
    const lacks = node.missing === null ? 'nobody is bound to it' : `it lacks ${node.missing}`;
    const reason = before === null ? lacks : `${before}; ${lacks}`;
    progress.emit({ type: 'StepBlocked', step, reason, by: 'controller', at });
  } else if (!isOutside(node)) progress.emit({ type: 'StepStarted', step, attempt: attempt + 1, at });
}

/** What a document says was done is judged without anybody doing it. */
const claimed: Performed = {
  ended: 'claimed',
  exitCode: null,
  excerpt: '',
  log: null,
  durationMs: 0,
  usage: null,
  tampered: [],
};

/** All steps are done: what the group must show as a whole is judged, unless somebody has a concern. */
function finish(progress: Progress, { id: group, criteria }: PlanGroup): void {
  const { draft, at, index } = progress;
  const failed = (index.steps.get(group) ?? []).filter(({ id }) => stepOf(draft, id).status === 'FAILED');
  if (failed.length > 0) {
    const reason = `${failed.map(({ id }) => id).join(', ')} failed and was passed over`;
    progress.emit({ type: 'GroupFailed', group, reason, at });
  } else if (criteria.length === 0 && openConcerns(draft, group).length === 0) {
    progress.emit({ type: 'GroupSucceeded', group, at });
  }
}

/** The run ends when every group has, or when what is left can never begin. */
function end(progress: Progress): void {
  const { draft, at, plan } = progress;
  const open = plan.groups.filter(({ id }) => {
    const { status } = groupOf(draft, id);
    return status !== 'SUCCEEDED' && status !== 'SKIPPED' && status !== 'FAILED';
  });
  if (open.some((group) => groupOf(draft, group.id).status !== 'PENDING' || needsHold(draft, group))) return;
  const failed = plan.groups.filter(({ id }) => groupOf(draft, id).status === 'FAILED');
  if (failed.length + open.length === 0) {
    progress.emit({ type: 'RunEnded', ending: 'succeeded', reason: null, at });
    return;
  }
  const says = (groups: readonly PlanGroup[], what: string) =>
    groups.length === 0 ? [] : [`${groups.map(({ id }) => id).join(', ')} ${what}`];
  const reason = [...says(failed, 'failed'), ...says(open, 'could not begin')].join('; ');
  progress.emit({ type: 'RunEnded', ending: 'failed', reason, at });
}
