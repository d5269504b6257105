import { targetId } from '../base/ids.ts';
import type { OpenIncident } from './api.ts';
import type { TargetLoops } from './target-loops.ts';

/** Of every target. */
export function openIncidents(loops: TargetLoops): readonly OpenIncident[] {
  return [...loops].flatMap(({ state }) =>
    state.incidents.map(({ id, severity, title, openedAt, acknowledgedBy }) => ({
      id,
      target: targetId(state.target),
      severity,
      title,
      openedAt,
      acknowledgedBy,
    })),
  );
}
