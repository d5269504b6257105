import type { PlanGroup } from './plan.ts';
import type { NamedDocument, NamedGroup } from './plan-ids.ts';
import type { PlanNeeds } from './plan-needs.ts';
import type { PlanPlace } from './plan-place.ts';
import type { PlanProblem } from './plan-problem.ts';

interface Surroundings {
  readonly documents: readonly NamedDocument[];
  readonly groups: readonly PlanGroup[];
  readonly needs: PlanNeeds;
  readonly places: ReadonlyMap<string, PlanPlace>;
}

/** Something that cannot begin before what it names has, with where it stands. */
interface Waiting {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly to: readonly string[];
}

/**
 * Subtasks, tasks and documents that wait for each other, whatever makes them wait: prerequisites, the order of a document, or
 * links between documents. That something need only have started holds it up all the same.
 */
export function prerequisiteCircles(surroundings: Surroundings): readonly PlanProblem[] {
  const waiting = waitingOf(surroundings);
  const several = surroundings.documents.length > 1;
  return circlesIn(waiting).map((circle): PlanProblem => {
    const [first] = circle;
    const told = circle.map(({ id, file, line }) => `${id} (${several ? `${file}:` : 'line '}${line})`);
    const alone = circle.length === 1;
    return {
      code: alone ? 'prerequisite-of-itself' : 'prerequisite-circle',
      file: first?.file ?? '',
      line: first?.line ?? 1,
      message: alone
        ? `${told[0]} waits for itself`
        : `${[...told.slice(0, 10), ...(told.length > 10 ? ['…'] : []), first?.id].join(' → ')} wait for each other; none can begin`,
      remedy: alone ? 'Remove it from its own prerequisites.' : 'Remove one of these prerequisites.',
    };
  });
}

function waitingOf({ documents, groups, needs, places }: Surroundings): ReadonlyMap<string, Waiting> {
  const waiting = new Map<string, Waiting>();
  const named = new Map(
    documents.flatMap(({ groups: own }, place) => own.map((group) => [group.id, { place, group }] as const)),
  );
  const groupOfStep = new Map(
    documents.flatMap(({ groups: own }) =>
      own.flatMap(({ id, steps }) => steps.map((step) => [step.id, id] as const)),
    ),
  );
  const begun = (ids: readonly { readonly on: string }[]) => ids.map(({ on }) => groupOfStep.get(on) ?? on);
  for (const group of groups) {
    const { file, line } = places.get(group.id) ?? { file: '', line: 1 };
    const all = new Set(begun(group.needs));
    const found = named.get(group.id);
    const task = found === undefined ? null : ofTask(found.group, file);
    if (found !== undefined && task !== null) {
      const to = new Set(
        begun(needs.ofPrerequisites(found.place, found.group.task.prerequisites, found.group)),
      );
      waiting.set(task.key, { ...task, to: [...(waiting.get(task.key)?.to ?? []), ...to] });
      for (const id of to) all.delete(id);
      all.add(task.key);
    }
    waiting.set(group.id, { id: group.id, file, line, to: [...all] });
  }
  return waiting;
}

/** The task whose prerequisites hold up a subtask; null where it has none, or no name of its own. */
function ofTask(
  { id, task }: NamedGroup,
  file: string,
): { readonly key: string; readonly id: string; readonly file: string; readonly line: number } | null {
  if (task.id === null || task.id === id || task.prerequisites.length === 0) return null;
  return { key: `task ${file} ${task.id}`, id: task.id, file, line: task.line };
}

/** Each part of the plan stands in one of these at most. Without recursion: a chain may be as long as a document. */
function circlesIn(waiting: ReadonlyMap<string, Waiting>): readonly (readonly Waiting[])[] {
  const found: (readonly Waiting[])[] = [];
  const done = new Set<string>();
  for (const start of waiting.keys()) {
    const path: string[] = [];
    const within = new Set<string>();
    const stack: { readonly id: string; readonly leave: boolean }[] = [{ id: start, leave: false }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { id, leave } = next;
      if (leave) {
        path.pop();
        within.delete(id);
        done.add(id);
      } else if (within.has(id)) {
        const circle = path.slice(path.indexOf(id));
        if (!circle.some((one) => done.has(one))) found.push(circle.flatMap((one) => waiting.get(one) ?? []));
        for (const one of circle) done.add(one);
      } else if (!done.has(id)) {
        path.push(id);
        within.add(id);
        stack.push({ id, leave: true });
        for (const to of waiting.get(id)?.to ?? []) if (waiting.has(to)) stack.push({ id: to, leave: false });
      }
    }
  }
  return found;
}
