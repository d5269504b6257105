import type { NamedDocument } from './plan-ids.ts';

/** Where a step or a group stands. */
export interface PlanPlace {
  readonly file: string;
  readonly line: number;
  /** As its document gives it; null where it does not. */
  readonly id: string | null;
}

/** By id in the plan. */
export function placesOf(documents: readonly NamedDocument[]): ReadonlyMap<string, PlanPlace> {
  const places = new Map<string, PlanPlace>();
  for (const { id: document, source, groups } of documents) {
    places.set(document, { file: source.path, line: 1, id: null });
    for (const { id, subtask, steps } of groups) {
      places.set(id, { file: source.path, line: subtask.line, id: subtask.id });
      for (const { id: own, step } of steps)
        places.set(own, { file: source.path, line: step.line, id: step.id });
    }
  }
  return places;
}
