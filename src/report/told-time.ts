import { wallTime } from '../policy/zoned-time.ts';
import type { RolloutStory } from './rollout-story.ts';

/** `YYYY-MM-DD HH:MM` on the wall clock of the zone; UTC where a journal names none that is known here. */
export function dateAndTime(at: number, timeZone: string): string {
  const { year, month, day } = wallTime(at, timeZone);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${timeOfDay(at, timeZone)}`;
}

/** `HH:MM`. */
export function timeOfDay(at: number, timeZone: string): string {
  const { minute } = wallTime(at, timeZone);
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** `HH:MM:SS`. */
export function secondOfDay(at: number, timeZone: string): string {
  return `${timeOfDay(at, timeZone)}:${two(wallTime(at, timeZone).second)}`;
}

export function zoneOf({ paperwork }: Pick<RolloutStory, 'paperwork'>): string {
  return paperwork?.timeZone ?? 'UTC';
}

/** Time between two moments as people say it: tenths of a second below a minute, whole seconds above. */
export function span(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`])).join('');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
