import { baseName } from '../reading/artifacts.ts';
import type { Prerequisite, Task } from '../reading/document.ts';
import { isNeighbour, neighbourOf } from '../reading/links.ts';
import type { Need } from './plan.ts';
import type { NamedDocument, NamedGroup } from './plan-ids.ts';

/** What waits for what. Made once for all documents. */
export class PlanNeeds {
  readonly #documents: readonly NamedDocument[];
  /** By index of the document: what an id in it stands for. */
  readonly #known: readonly ReadonlyMap<string, readonly string[]>[];

  constructor(documents: readonly NamedDocument[]) {
    this.#documents = documents;
    this.#known = documents.map(knownIds);
  }

  /** Of a subtask: its own prerequisites and those of its task, and in documents that are read from top to bottom what stands before. */
  ofGroup(index: number, group: NamedGroup, before: NamedGroup | null): readonly Need[] {
    const own = this.ofPrerequisites(
      index,
      [...group.task.prerequisites, ...group.subtask.prerequisites],
      group,
    );
    const ordered = this.#inOrder(index) && before !== null && group.subtask.parallel !== true;
    const needs = ordered ? [...own, after(before.id, before.subtask.onFailure.policy)] : own;
    return unique([...needs, ...this.#earlierDocuments(index)]);
  }

  ofPrerequisites(index: number, given: readonly Prerequisite[], group: NamedGroup): readonly Need[] {
    return given.flatMap((one) => this.#needsOf(index, one, group));
  }

  /** The document itself is judged when everything in it is done. */
  ofDocument({ groups }: NamedDocument): readonly Need[] {
    return groups.map(({ id }) => ({ on: id, condition: 'succeeded' }));
  }

  /** Indices of documents that come before, as links or their order say. */
  earlier(index: number): readonly number[] {
    const previous = this.#previous(index);
    return this.#documents.flatMap((_, other) =>
      other !== index && (previous.has(other) || (other < index && !this.#previous(other).has(index)))
        ? [other]
        : [],
    );
  }

  #inOrder(index: number): boolean {
    const generation = this.#documents[index]?.source.document.generation;
    return generation === 'task' || generation === 'super-prompt';
  }

  #needsOf(index: number, { id, condition }: Prerequisite, group: NamedGroup): readonly Need[] {
    if (id === null) return [];
    const found = this.#meaning(index, id);
    // What begins with its own task waits for nothing.
    if (condition === 'started')
      return found.includes(group.id) ? [] : found.slice(0, 1).map((on) => ({ on, condition }));
    return found.map((on) => ({ on, condition }));
  }

  /** Ids are unique in a document only: its own come first, then the one other document that has it. An unknown one stays itself. */
  #meaning(index: number, id: string): readonly string[] {
    const own = this.#known[index]?.get(id);
    if (own !== undefined) return own;
    const others = this.#known.filter((known, other) => other !== index && known.has(id));
    return (others.length === 1 ? others[0]?.get(id) : undefined) ?? [id];
  }

  #earlierDocuments(index: number): readonly Need[] {
    return [...this.#previous(index)].map((other) => ({
      on: this.#documents[other]?.id ?? '',
      condition: 'succeeded',
    }));
  }

  /** Documents that this one names as the previous one, or that name it as the next. */
  #previous(index: number): ReadonlySet<number> {
    const [own] = this.#documents.slice(index, index + 1);
    if (own === undefined) return new Set();
    const found = this.#documents.flatMap((other, place) => {
      if (place === index) return [];
      const [back, forth] = [
        neighbourOf(own.source.document, 'previous'),
        neighbourOf(other.source.document, 'next'),
      ];
      const linked =
        (back !== null && isNeighbour(placed(other), back)) ||
        (back === null && forth !== null && isNeighbour(placed(own), forth));
      return linked ? [place] : [];
    });
    return new Set(found);
  }
}

function placed({ source }: NamedDocument) {
  return { file: source.path, document: source.document };
}

/** What is passed over when it fails does not hold up what follows. */
export function after(id: string, policy: string | null): Need {
  return { on: id, condition: policy === 'NOTIFY_AND_CONTINUE' ? 'started' : 'succeeded' };
}

function knownIds({ id, taskId, source, groups }: NamedDocument): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>([
    [id, [id]],
    [baseName(source.path), [id]],
  ]);
  if (taskId !== null) known.set(taskId, [id]);
  const ofTask = new Map<Task, readonly string[]>();
  for (const group of groups) {
    const { task, subtask, steps } = group;
    if (task.id !== null) known.set(task.id, [...(ofTask.get(task) ?? []), group.id]);
    ofTask.set(task, [...(ofTask.get(task) ?? []), group.id]);
    if (subtask.id !== null && !known.has(subtask.id)) known.set(subtask.id, [group.id]);
    for (const { id: own, step } of steps)
      if (step.id !== null && !known.has(step.id)) known.set(step.id, [own]);
  }
  return known;
}

function unique(needs: readonly Need[]): readonly Need[] {
  const seen = new Set<string>();
  return needs.filter(({ on, condition }) => {
    const key = `${condition} ${on}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
