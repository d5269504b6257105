import type { DeployWindow, EnvironmentPolicy } from './policy.ts';
import { momentOf, wallTime } from './zoned-time.ts';

export interface WindowStatus {
  readonly open: boolean;
  readonly reason: string;
  /** When closed: the next moment at which it is open. Absent when none lies within two years. */
  readonly opensAt?: number;
}

const dayMs = 86_400_000;

/** Whether a deployment may begin at a moment: inside a window, where there are any, and outside every freeze. */
export function windowStatus(policy: EnvironmentPolicy, at: number): WindowStatus {
  const reason = closedBecause(policy, at);
  if (reason === null) {
    return { open: true, reason: policy.windows.length === 0 ? 'no window restricts it' : 'inside a window' };
  }
  const opensAt = nextOpening(policy, at);
  return opensAt === null ? { open: false, reason } : { open: false, reason, opensAt };
}

function closedBecause(policy: EnvironmentPolicy, at: number): string | null {
  const freeze = policy.freezes.find(({ from, to }) => from <= at && at < to);
  if (freeze) return `frozen until ${new Date(freeze.to).toISOString()}: ${freeze.reason}`;
  const inside = policy.windows.length === 0 || policy.windows.some((window) => spanAt(window, at) !== null);
  return inside ? null : `outside the windows ${policy.windows.map(describeWindow).join('; ')}`;
}

/** Goes from the end of a freeze to the begin of a window and back until both hold. */
function nextOpening(policy: EnvironmentPolicy, from: number): number | null {
  const end = from + 731 * dayMs;
  let at = from;
  while (at < end) {
    const moment = at;
    const freeze = policy.freezes.find((one) => one.from <= moment && moment < one.to);
    if (freeze) at = freeze.to;
    else if (policy.windows.length === 0 || policy.windows.some((window) => spanAt(window, moment)))
      return at;
    else {
      const begins = policy.windows.flatMap((window) => nextBegin(window, moment) ?? []);
      if (begins.length === 0) return null;
      at = Math.min(...begins);
    }
  }
  return null;
}

/**
 * The window that is open at `at`, or else the next one, until it closes or a freeze begins; null when no window and no
 * freeze restricts it. `from` is null when it has always been open or never opens, `to` when nothing closes it.
 */
export function deployWindow(
  policy: EnvironmentPolicy,
  at: number,
): { readonly from: number | null; readonly to: number | null } | null {
  if (policy.windows.length === 0 && policy.freezes.every(({ to }) => to <= at)) return null;
  const opens = closedBecause(policy, at) === null ? at : nextOpening(policy, at);
  if (opens === null) return { from: null, to: null };
  const spans = policy.windows.flatMap((window) => spanAt(window, opens) ?? []);
  const closes = [
    ...(spans.length === 0 ? [] : [Math.max(...spans.map(({ to }) => to))]),
    ...policy.freezes.filter(({ from }) => from > opens).map(({ from }) => from),
  ];
  const began = spans.length === 0 ? (opens > at ? opens : null) : Math.min(...spans.map(({ from }) => from));
  return { from: began, to: closes.length === 0 ? null : Math.min(...closes) };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The window that begins on the wall-clock day which is `days` away from the one of `at`; null on other weekdays. */
function spanOn(window: DeployWindow, at: number, days: number): Span | null {
  const wall = wallTime(at, window.timeZone);
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days));
  if (!window.days.includes(date.getUTCDay() || 7)) return null;
  const moment = (minute: number): number => {
    const on = new Date(date.getTime() + Math.floor(minute / 1440) * dayMs);
    const day = { year: on.getUTCFullYear(), month: on.getUTCMonth() + 1, day: on.getUTCDate() };
    return momentOf({ ...day, minute: minute % 1440, second: 0 }, window.timeZone);
  };
  const overnight = window.toMinute < window.fromMinute;
  return { from: moment(window.fromMinute), to: moment(window.toMinute + (overnight ? 1440 : 0)) };
}

function spanAt(window: DeployWindow, at: number): Span | null {
  for (const days of [0, -1]) {
    const span = spanOn(window, at, days);
    if (span && span.from <= at && at < span.to) return span;
  }
  return null;
}

function nextBegin(window: DeployWindow, at: number): number | null {
  for (let days = 0; days <= 8; days += 1) {
    const span = spanOn(window, at, days);
    // A window that falls into a skipped hour is empty and never opens.
    if (span && span.from > at && span.to > span.from) return span.from;
  }
  return null;
}

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `mon,tue 09:00–17:00 Europe/Berlin` */
function describeWindow({ days, fromMinute, toMinute, timeZone }: DeployWindow): string {
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const names = days.map((day) => dayNames[day - 1] ?? String(day)).join(',');
  return `${names} ${clock(fromMinute)}–${clock(toMinute)} ${timeZone}`;
}
