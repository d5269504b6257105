/** What a clock on the wall shows in a time zone. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Minutes after midnight. */
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false; // The only way to ask is to try; an unknown name throws.
  }
}

/** Wall clock of `timeZone` at a moment. Throws RangeError for an unknown zone. */
export function wallTime(at: number, timeZone: string): WallTime {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, minute: hour * 60 + minute, second };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}

/** The wall clock read as if it were UTC: differences of it are differences on the wall. */
function asUtc({ year, month, day, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, 0, minute, second);
}

/**
 * The moment at which the wall clock shows this. Of an hour that occurs twice the first one; of one that is skipped, as
 * far behind the jump as it was into it (as `Temporal` does with "compatible").
 */
export function momentOf(wall: WallTime, timeZone: string): number {
  const wanted = asUtc(wall);
  const offset = (at: number): number => asUtc(wallTime(at, timeZone)) - Math.floor(at / 1000) * 1000;
  const before = wanted - offset(wanted - 86_400_000);
  const after = wanted - offset(wanted + 86_400_000);
  const fits = [before, after].filter((at) => asUtc(wallTime(at, timeZone)) === wanted);
  return fits.length > 0 ? Math.min(...fits) : before;
}

const moment = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Reads `2026-12-20`, `2026-12-20T18:00` (wall clock of the zone) or one with an offset; null when it is no such date. */
export function instantOf(text: string, timeZone: string): number | null {
  const found = moment.exec(text);
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exists =
    utc.getUTCMonth() === month - 1 && utc.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists) return null;
  const zone = found[7];
  if (zone === undefined) return momentOf({ year, month, day, minute: hour * 60 + minute, second }, timeZone);
  const at = Date.parse(`${text.slice(0, 10)}T${text.slice(11)}`);
  return Number.isNaN(at) ? null : at;
}
