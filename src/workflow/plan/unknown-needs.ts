import type { NamedDocument } from './plan-ids.ts';
import type { PlanNeeds } from './plan-needs.ts';
import type { PlanProblem } from './plan-problem.ts';

/** Prerequisites that none of the documents has: what waits for them never begins. */
export function unknownNeeds(documents: readonly NamedDocument[], needs: PlanNeeds): readonly PlanProblem[] {
  const known = new Set(
    documents.flatMap(({ id, groups }) => [
      id,
      ...groups.flatMap((group) => [group.id, ...group.steps.map((step) => step.id)]),
    ]),
  );
  const told = new Set<string>();
  return documents.flatMap(({ source, groups }, place) =>
    groups.flatMap((group) =>
      [...group.task.prerequisites, ...group.subtask.prerequisites].flatMap((one): readonly PlanProblem[] => {
        const [lost] = needs.ofPrerequisites(place, [one], group).filter(({ on }) => !known.has(on));
        const at = `${source.path}:${one.line} ${lost?.on}`;
        if (lost === undefined || told.has(at)) return [];
        told.add(at);
        return [
          {
            code: 'prerequisite-unknown',
            file: source.path,
            line: one.line,
            message: `${group.id} needs ${lost.on}, which is in none of these documents; it never begins`,
            remedy: 'Correct the id, or name the document that has it as well.',
          },
        ];
      }),
    ),
  );
}
