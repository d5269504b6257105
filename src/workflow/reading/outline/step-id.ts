import type { Item, Text } from '../entry.ts';
import type { Place } from './place.ts';

/** Begins a step by its `Step ID: 1.2 — Build`; what stands behind the id says what the step is. */
export function beginStepById(place: Place, { line, column }: Item | Text, value: string): void {
  const [id = '', ...rest] = value.replace(/[*`]/g, '').trim().split(/\s+/);
  const step = place.startStep({ line, column, named: true });
  step.seen.add('step-id');
  step.id = id.replace(/^[[(<"']+|[\])>"',;:：.]+$/g, '') || null;
  const title = rest.join(' ').replace(/^[\s(—–:-]+|\)$/g, '');
  if (title !== '') step.description = title;
}
