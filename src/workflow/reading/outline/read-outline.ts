import type { Task } from '../document.ts';
import { finishTask } from '../draft.ts';
import type { Entry } from '../entry.ts';
import type { Problems } from '../problem.ts';
import type { DocumentSection } from '../section.ts';
import { Place } from './place.ts';
import { readCode } from './read-code.ts';
import { readHeading } from './read-heading.ts';
import { readLine } from './read-line.ts';
import { readRow } from './read-row.ts';

export interface Outline {
  readonly tasks: readonly Task[];
  readonly sections: readonly DocumentSection[];
}

/** Sorts the entries of a document into tasks, subtasks and steps, and the sections that stand beside them. */
export function readOutline(
  entries: readonly Entry[],
  { tools, problems }: { readonly tools: readonly string[]; readonly problems: Problems },
): Outline {
  const place = new Place(tools, problems);
  for (const entry of entries) readEntry(place, entry);
  return { tasks: place.tasks.map(finishTask), sections: place.sections };
}

function readEntry(place: Place, entry: Entry): void {
  if (entry.type === 'heading') readHeading(place, entry);
  else if (entry.type === 'row') readRow(place, entry);
  else if (entry.type === 'code') readCode(place, entry);
  else readLine(place, entry);
}
