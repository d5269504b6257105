import type { PlanGroup, PlanNode, WorkflowPlan } from '../plan/plan.ts';
import type { RunEvent } from './event.ts';
import { apply, draftOf, type RunDraft } from './evolve.ts';
import { indexOf, type PlanIndex } from './plan-index.ts';
import type { GroupState, StepState, WorkflowRun } from './state.ts';

/** A run while it is decided what follows: events and the state that they lead to, side by side. */
export class Progress {
  readonly draft: RunDraft;
  readonly events: RunEvent[] = [];
  readonly at: number;

  constructor(run: WorkflowRun, at: number) {
    this.draft = draftOf(run);
    this.at = at;
  }

  emit(event: RunEvent): void {
    this.events.push(event);
    apply(this.draft, event);
  }

  get plan(): WorkflowPlan {
    const { plan } = this.draft;
    if (plan === null) throw new Error('a run without a plan does not go on');
    return plan;
  }

  get index(): PlanIndex {
    return indexOf(this.plan);
  }
}

export function stepOf(run: WorkflowRun, id: string): StepState {
  const step = run.steps.get(id);
  if (step === undefined) throw new Error(`${id} is no step of ${run.run}`);
  return step;
}

export function groupOf(run: WorkflowRun, id: string): GroupState {
  const group = run.groups.get(id);
  if (group === undefined) throw new Error(`${id} is no group of ${run.run}`);
  return group;
}

/** What others wait for: a group or a step that succeeded, or that somebody left out. */
export function needsHold(run: WorkflowRun, { needs }: Pick<PlanGroup | PlanNode, 'needs'>): boolean {
  return needs.every(({ on, condition }) => {
    const found = run.groups.get(on) ?? run.steps.get(on);
    if (found === undefined) return false;
    if (condition === 'started') return found.status !== 'PENDING';
    return found.status === 'SUCCEEDED' || found.status === 'SKIPPED';
  });
}

/** The step of a group that is to be done or waited for; null when all are done. */
export function nextStep(run: WorkflowRun, { id, failure }: PlanGroup): PlanNode | null {
  if (run.plan === null) return null;
  const passedOver = failure.actions.every((action) => action === 'notify');
  const steps = indexOf(run.plan).steps.get(id) ?? [];
  return (
    steps.find((node) => {
      const { status } = stepOf(run, node.id);
      return status !== 'SUCCEEDED' && status !== 'SKIPPED' && !(status === 'FAILED' && passedOver);
    }) ?? null
  );
}

/** Somebody outside Sluice has to do it: a person, or an agent that asks for its work. */
export function isOutside({ executor }: PlanNode): boolean {
  return executor?.kind === 'person' || (executor?.kind === 'agent' && executor.via.kind === 'mcp');
}

/** Whether a step waits for that very client: `mcp:Claude-Code` is who says `Claude Code` of itself. */
export function isFor({ executor }: PlanNode, actor: string): boolean {
  if (executor?.kind !== 'agent' || executor.via.kind !== 'mcp') return false;
  const name = (text: string) => text.replace(/[^A-Za-z\d]+/g, '-').toLowerCase();
  return name(actor.replace(/^mcp:/, '')) === name(executor.via.client);
}

export function openConcerns(run: WorkflowRun, group: string): readonly string[] {
  return run.concerns.filter((one) => one.group === group && one.resolution === null).map(({ id }) => id);
}
