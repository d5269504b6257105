import { baseName } from '../reading/artifacts.ts';
import type { Step, Subtask, Task } from '../reading/document.ts';
import { taskIdOf } from '../reading/links.ts';
import type { PlanProblem } from './plan-problem.ts';
import type { PlanSource } from './plan-source.ts';

/** A subtask with the names it has in the plan. */
export interface NamedGroup {
  readonly id: string;
  readonly task: Task;
  readonly subtask: Subtask;
  readonly steps: readonly { readonly id: string; readonly step: Step }[];
}

export interface NamedDocument {
  readonly source: PlanSource;
  /** Of the group that stands for the whole document. */
  readonly id: string;
  /** How others call its task; null where it has no name. */
  readonly taskId: string | null;
  readonly groups: readonly NamedGroup[];
}

/**
 * Names everything: ids as documents give them, else the id above and the position in it (`P01-S02.3`), else positions alone
 * (`1.2.3`). Ids that several documents have get the name of their document in front.
 */
export function namedDocuments(sources: readonly PlanSource[]): {
  readonly documents: readonly NamedDocument[];
  readonly problems: readonly PlanProblem[];
} {
  const local = sources.map(localNames);
  const owners = new Map<string, Set<number>>();
  for (const [index, names] of local.entries())
    for (const id of idsOf(names)) owners.set(id, (owners.get(id) ?? new Set()).add(index));
  const shared = new Set([...owners].filter(([, documents]) => documents.size > 1).map(([id]) => id));
  if (shared.size === 0) return { documents: local, problems: [] };
  const names = documentNames(sources);
  const renamed = local.map((names_, index) => inFront(names_, names[index] ?? '', shared));
  return {
    documents: renamed,
    problems: local.flatMap((one, index) => sharedProblems(one, index, owners, sources)),
  };
}

function localNames(source: PlanSource): NamedDocument {
  const unique = uniqueNames();
  const groups = source.document.tasks.flatMap((task, taskIndex) => {
    const above = task.id ?? String(taskIndex + 1);
    // A task that is its own only subtask keeps its name.
    const whole = task.id !== null && task.subtasks.length === 1;
    return task.subtasks.map((subtask, index): NamedGroup => {
      const id = unique(subtask.id ?? (whole ? above : `${above}.${index + 1}`));
      const steps = subtask.steps.map((step, place) => ({
        id: unique(step.id ?? `${id}.${place + 1}`),
        step,
      }));
      return { id, task, subtask, steps };
    });
  });
  return { source, id: unique(nameOf(source.path)), taskId: taskIdOf(source.document), groups };
}

/** A second one of a name is `name#2`. */
function uniqueNames(): (name: string) => string {
  const copies = new Map<string, number>();
  return (name) => {
    let [free, copy] = [name, copies.get(name) ?? 0];
    while (copies.has(free)) {
      copy += 1;
      free = `${name}#${copy + 1}`;
    }
    copies.set(name, copy);
    if (free !== name) copies.set(free, 0);
    return free;
  };
}

function nameOf(path: string): string {
  return baseName(path).replace(/\.(?:md|mdx|markdown|txt|json)$/i, '') || path;
}

/** Two documents of one name are told apart by their folders. */
function documentNames(sources: readonly PlanSource[]): readonly string[] {
  const names = sources.map(({ path }) => nameOf(path));
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : (sources[index]?.path ?? name),
  );
}

function idsOf({ id, groups }: NamedDocument): readonly string[] {
  return [id, ...groups.flatMap((group) => [group.id, ...group.steps.map((step) => step.id)])];
}

function inFront(document: NamedDocument, name: string, shared: ReadonlySet<string>): NamedDocument {
  const renamed = (id: string) => (shared.has(id) ? `${name}/${id}` : id);
  return {
    ...document,
    id: shared.has(document.id) ? name : document.id,
    groups: document.groups.map((group) => ({
      ...group,
      id: renamed(group.id),
      steps: group.steps.map(({ id, step }) => ({ id: renamed(id), step })),
    })),
  };
}

/** Positions are nobody's mistake. */
function sharedProblems(
  { source, groups }: NamedDocument,
  index: number,
  owners: ReadonlyMap<string, ReadonlySet<number>>,
  sources: readonly PlanSource[],
): readonly PlanProblem[] {
  const given = groups.flatMap(({ subtask, steps }) => [subtask, ...steps.map(({ step }) => step)]);
  return given.flatMap(({ id, line }): readonly PlanProblem[] => {
    const first = id === null ? undefined : [...(owners.get(id) ?? [])][0];
    if (first === undefined || first === index) return [];
    return [
      {
        code: 'id-in-two-documents',
        file: source.path,
        line,
        message: `${id} is an id of ${sources[first]?.path ?? 'another document'} as well; the name of its document stands in front of both`,
        remedy: 'Give each its own id, or run the documents one by one.',
      },
    ];
  });
}
