import type { DeployWindow, EnvironmentPolicy, Freeze } from '../policy/policy.ts';
import { instantOf, isTimeZone } from '../policy/zoned-time.ts';
import type { Cursor } from './cursor.ts';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export function fillPolicy(at: Cursor, zone: string): EnvironmentPolicy {
  const policy = (key: string, as: string = key): Cursor => at.key(key, `policy.${as}`);
  return {
    windows: policy('windows')
      .items()
      .map((item) => fillWindow(item, zone)),
    freezes: policy('freezes')
      .items()
      .flatMap((item) => fillFreeze(item, zone)),
    approvals: policy('approvals').texts(),
    after: policy('after').text(),
    rehearse: policy('rehearse').flag(false),
    onConflict: policy('onConflict').choice(['refuse', 'queue', 'supersede'], 'refuse'),
    approvalMaxAgeMs: policy('approvalMaxAge', 'approvalMaxAgeMs').durationMs('30d'),
    approverMustDiffer: policy('approverMustDiffer').flag(false),
  };
}

export function fillZone(at: Cursor, otherwise: string): string {
  const zone = at.text();
  if (zone === null) return otherwise;
  if (isTimeZone(zone)) return zone;
  at.complain(
    'config-value',
    `"${zone}" is not a time zone.`,
    'Write an IANA name such as UTC or Europe/Berlin.',
  );
  return otherwise;
}

function fillWindow(at: Cursor, zone: string): DeployWindow {
  const fromMinute = minuteOf(at.key('from').text() ?? '00:00');
  const toMinute = minuteOf(at.key('to').text() ?? '24:00');
  if (fromMinute === toMinute || fromMinute === 1440) {
    at.complain(
      'config-value',
      'The window is empty.',
      'Let `to` differ from `from`; 00:00 to 24:00 is the whole day.',
    );
  }
  const written = at.key('days').texts();
  const days = written.length > 0 ? written.flatMap(daysOf) : [1, 2, 3, 4, 5, 6, 7];
  return {
    days: [...new Set(days)].sort((left, right) => left - right),
    fromMinute,
    toMinute,
    timeZone: fillZone(at.key('timeZone'), zone),
  };
}

/** `fri-mon` runs over the end of the week. */
function daysOf(text: string): readonly number[] {
  const [first = '', last = first] = text.split('-');
  const [from, to] = [dayNames.indexOf(first), dayNames.indexOf(last)];
  if (from < 0 || to < 0) return [];
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, index) => ((from + index) % 7) + 1);
}

function minuteOf(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  const minutes = (hour ?? 0) * 60 + (minute ?? 0);
  return Number.isFinite(minutes) ? Math.min(1440, minutes) : 0;
}

function fillFreeze(at: Cursor, projectZone: string): readonly Freeze[] {
  const zone = fillZone(at.key('timeZone'), projectZone);
  const from = fillMoment(at.key('from'), zone);
  const to = fillMoment(at.key('to'), zone);
  if (from === null || to === null) return [];
  if (to <= from)
    at.complain('config-value', 'The freeze ends before it begins.', 'Let `to` be later than `from`.');
  return [{ from, to, reason: at.key('reason').text() ?? 'freeze' }];
}

function fillMoment(at: Cursor, zone: string): number | null {
  const text = at.text();
  if (text === null) return null;
  const moment = instantOf(text, zone);
  if (moment === null) {
    at.complain(
      'config-value',
      `"${text}" is no date.`,
      'Write a date such as 2026-12-20 or 2026-12-20T18:00.',
    );
  }
  return moment;
}
