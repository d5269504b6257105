import type { StepDraft } from '../draft.ts';
import type { Item, Text } from '../entry.ts';
import type { Place } from './place.ts';

/** Begins a step by its `Step ID: 1.2 — Build`; what stands behind the id says what the step is. */
export function beginStepById(place: Place, { line, column }: Item | Text, value: string): void {
  const [id = '', ...rest] = value.replace(/[*`]/g, '').trim().split(/\s+/);
  const step = titledAbove(place, column) ?? place.startStep({ line, column, named: true });
  step.seen.add('step-id');
  step.id = id.replace(/^[[(<"']+|[\])>"',;:：.]+$/g, '') || null;
  const title = rest.join(' ').replace(/^[\s(—–:-]+|\)$/g, '');
  if (title !== '') step.description = title;
}

/** The step that a heading or a point above only titles: `##### Step 1: Draft` gets its id from the line below. */
function titledAbove({ step }: Place, column: number): StepDraft | null {
  if (step === null || !step.titled || step.id !== null || column <= step.column) return null;
  return step.tools.length + step.criteria.length === 0 ? step : null;
}
