import type { PlanGroup, PlanNode, WorkflowPlan } from '../plan/plan.ts';

/** What of a plan is not as it was: ids of steps and groups. */
export interface PlanChanges {
  /** Another executor, probe, time or permission: the bindings say so. */
  readonly bound: readonly string[];
  /** Another command or criterion, new ones and those that are gone: the documents say so. */
  readonly reworked: readonly string[];
}

/** Ticks and statuses of a document are no work: whoever tracks progress in it changes nothing that is to be done. */
export function planChanges(before: WorkflowPlan, after: WorkflowPlan): PlanChanges {
  const [was, is] = [partsOf(before), partsOf(after)];
  const ids = [...new Set([...was.keys(), ...is.keys()])];
  const differs = (id: string, of: (part: Part) => string) => {
    const [one, other] = [was.get(id), is.get(id)];
    return one === undefined || other === undefined || of(one) !== of(other);
  };
  const reworked = ids.filter((id) => differs(id, workOf));
  const left = new Set(reworked);
  return { reworked, bound: ids.filter((id) => !left.has(id) && differs(id, wholeOf)) };
}

type Part = PlanNode | PlanGroup;

function partsOf({ nodes, groups }: WorkflowPlan): ReadonlyMap<string, Part> {
  return new Map<string, Part>([...groups, ...nodes].map((part) => [part.id, part]));
}

function wholeOf(part: Part): string {
  if (!('command' in part)) return JSON.stringify(part);
  const { claim: _, ...whole } = part;
  return JSON.stringify(whole);
}

/** What a document asks for, whoever does it and however it is looked at. */
function workOf(part: Part): string {
  const asked = part.criteria
    .filter(({ label }) => label !== 'probe')
    .map(({ label, kind, text }) => [label, kind, text]);
  if ('command' in part)
    return JSON.stringify([part.group, part.command, part.description, part.needs, asked]);
  const { title, needs, failure, retries, preconditions } = part;
  return JSON.stringify([title, needs, failure, retries, preconditions.map(({ text }) => text), asked]);
}
