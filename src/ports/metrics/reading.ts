import type { Measurement } from './port.ts';
import { excerpt } from './redact.ts';

/** What a source said: a number, and when it was true if the source knows. */
export type Reading =
  | { readonly kind: 'read'; readonly value: number; readonly at: number | null }
  | { readonly kind: 'nonsense'; readonly reason: string };

/** Clocks of two machines may differ by this much before a time in the future is an error. */
const mostAheadMs = 60_000;

/** Reads the output of a command: a number, or JSON. */
export function readText(text: string): Reading {
  const trimmed = text.trim();
  if (trimmed === '') return nonsense('the answer is empty');
  const plain = decimal(trimmed);
  if (plain !== null) return { kind: 'read', value: plain, at: null };
  try {
    return readValue(JSON.parse(trimmed));
  } catch {
    // Neither a number nor JSON.
    return nonsense(`"${excerpt(trimmed)}" is neither a number nor JSON`);
  }
}

/**
 * Reads a JSON value: a finite number, a string that is one (Prometheus writes its numbers so), or
 * `{"value": number, "at": time}` where the time is ISO 8601 with a zone, or milliseconds since 1970, and may be missing.
 */
export function readValue(json: unknown): Reading {
  const plain = finite(json);
  if (plain !== null) return { kind: 'read', value: plain, at: null };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return noNumber(json);
  const { value, at = null } = json as { value?: unknown; at?: unknown };
  const number = finite(value);
  if (number === null) return noNumber(json);
  if (at === null) return { kind: 'read', value: number, at: null };
  const time = timeOf(at);
  if (time === null) {
    return nonsense(`"at" is ${excerpt(JSON.stringify(at))}, and not ISO 8601 with a zone or milliseconds`);
  }
  return { kind: 'read', value: number, at: time };
}

/**
 * A reading as a measurement at `answeredAt`. Without a time of its own it is as old as its answer; more than `maxAgeMs`
 * old is stale; more than a minute in the future is an error, because then its age cannot be told.
 */
export function measurementOf(
  reading: Reading,
  { answeredAt, maxAgeMs }: { readonly answeredAt: number; readonly maxAgeMs: number },
): Measurement {
  if (reading.kind === 'nonsense') return { kind: 'error', reason: reading.reason };
  const measuredAt = reading.at ?? answeredAt;
  const ageMs = answeredAt - measuredAt;
  if (ageMs < -mostAheadMs) {
    const reason = `the measurement is dated ${new Date(measuredAt).toISOString()}, ${-ageMs} ms in the future`;
    return { kind: 'error', reason };
  }
  if (ageMs <= maxAgeMs) return { kind: 'value', value: reading.value, measuredAt };
  const hint = measuredAt < earliestLikelyMs ? '; "at" is read as milliseconds, not seconds' : '';
  const reason = `measured ${Math.round(ageMs / 1_000)} s ago, and ${Math.round(maxAgeMs / 1_000)} s are allowed${hint}`;
  return { kind: 'stale', reason, measuredAt };
}

/** 2001-09-09: as milliseconds, the seconds of every date until the year 33658 lie before it. */
const earliestLikelyMs = 1e12;
/** The range of Date. */
const latestMs = 8.64e15;

function finite(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' ? decimal(value.trim()) : null;
}

function decimal(text: string): number | null {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function timeOf(at: unknown): number | null {
  if (typeof at === 'number') return Math.abs(at) <= latestMs ? at : null;
  if (typeof at !== 'string') return null;
  const iso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i;
  const time = iso.test(at) ? Date.parse(at) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function noNumber(json: unknown): Reading {
  return nonsense(`${excerpt(JSON.stringify(json) ?? 'nothing')} is not a finite number`);
}

function nonsense(reason: string): Reading {
  return { kind: 'nonsense', reason };
}
