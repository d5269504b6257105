import type { Generation, Task } from './document.ts';
import type { Problems } from './problem.ts';
import type { DocumentSection, SectionName } from './section.ts';

interface Seen {
  readonly tasks: readonly Task[];
  readonly sections: readonly DocumentSection[];
  readonly frontMatter: Readonly<Record<string, unknown>>;
}

/** The generation of a markdown document, by what stands in it and never by its name. */
export function generationOf({ tasks, sections, frontMatter }: Seen, problems: Problems): Generation {
  const has = (name: SectionName) => sections.some((section) => section.name === name);
  const subtasks = tasks.flatMap((task) => task.subtasks);
  const prompt = (['reference', 'collect', 'save-output', 'progress', 'self-check'] as const).filter(
    has,
  ).length;
  const front = Object.keys(frontMatter).some((key) =>
    /^(?:task_id|task|step|phase|next_task|previous_task)$/.test(key),
  );
  if (subtasks.length > 0 || tasks.length > 0) {
    if (front) return 'task';
    // Steps with ids below phases or metadata are those of a monolith, whatever lists stand beside them.
    const named = subtasks.some(({ steps }) => steps.some(({ id }) => id !== null));
    if (has('metadata') && named) return 'monolith';
    const titled = tasks.some(({ id, title }) => id !== null || title !== null);
    return has('checklist') || !(titled || has('metadata')) ? 'task' : 'monolith';
  }
  if (prompt >= 2) return 'super-prompt';
  if (has('checklist') || front)
    return has('super-prompt') && !has('checklist') && prompt > 0 ? 'super-prompt' : 'task';
  if (has('metadata') && has('documents')) return 'monolith';
  if (sections.length <= 1) {
    problems.add(
      'nothing-understood',
      1,
      'no part of a workflow document was found',
      'See docs/workflow-documents.md for the shapes that are read.',
    );
  }
  return 'role';
}
