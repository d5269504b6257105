import type { PlanHeading } from '../plan-heading.ts';
import type { Place } from './place.ts';

/** Begins a phase, task, subtask or step. False when what looks like one is only a heading of its own. */
export function beginPart(place: Place, plan: PlanHeading, line: number, level: number): boolean {
  const { id, title } = plan;
  switch (plan.kind) {
    case 'step':
      return beginStep(place, plan, line, level);
    case 'phase':
      place.startSection(title ?? '', line, 'other');
      return true;
    case 'task':
      Object.assign(place.startTask(line, level), { id, title });
      return true;
    case 'subtask':
      Object.assign(place.startSubtask(line, level), { id, title });
      return true;
  }
}

function beginStep(place: Place, { id, title }: PlanHeading, line: number, level: number): boolean {
  if (place.subtask === null && place.sections.at(-1)?.name !== 'steps') return false;
  const step = place.startStep({ line, column: -1, named: id !== null });
  step.id = id;
  step.command = title;
  step.level = level;
  step.titled = title !== null;
  if (title !== null) step.seen.add('command');
  return true;
}
