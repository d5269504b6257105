import { nearest } from '../../config/nearest.ts';
import type { Bindings } from './bindings.ts';
import type { NamedDocument } from './plan-ids.ts';
import type { PlanProblem } from './plan-problem.ts';

/** Entries of `steps:` that bind nothing, most likely because of a typing error. */
export function unknownBindings(
  { steps, file }: Pick<Bindings, 'steps' | 'file'>,
  documents: readonly NamedDocument[],
): readonly PlanProblem[] {
  const known = new Set(['*', ...documents.flatMap(idsOf)]);
  return [...steps]
    .filter(([id]) => !known.has(id))
    .map(([id, { at }]) => {
      const close = nearest(id, [...known].slice(0, 5_000));
      return {
        code: 'binding-unused',
        file: file ?? '',
        line: at.line,
        message: `"${id}" is no step, subtask or task of these documents${close === null || close === '*' ? '' : `. Did you mean "${close}"?`}`,
        remedy: 'Correct the id, or remove the entry.',
      };
    });
}

function idsOf({ id, taskId, groups }: NamedDocument): readonly string[] {
  return [
    id,
    ...(taskId === null ? [] : [taskId]),
    ...groups.flatMap(({ id: group, task, subtask, steps }) => [
      group,
      ...[task.id, subtask.id].filter((one) => one !== null),
      ...steps.flatMap(({ id: own, step }) => (step.id === null ? [own] : [own, step.id])),
    ]),
  ];
}
