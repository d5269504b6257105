import type { RateFigure } from '../analysis/figures.ts';
import { percent } from './numbers.ts';
import { type EvidencePoint, pictureColumns, type ReplayedEvidence } from './replayed-evidence.ts';
import { secondOfDay } from './told-time.ts';

/** Rows between zero and the threshold. */
const rowsToThreshold = 5;
/** Above this many thresholds the curve is cut off, so that the threshold stays visible. */
const mostThresholds = 3;
const gutter = 7;
const axisColumns = 48;

/** The evidence of harm over time against its threshold, as lines of text; logarithms to the base 10. */
export function evidencePicture(
  { points, threshold }: Pick<ReplayedEvidence, 'points' | 'threshold'>,
  timeZone: string,
): readonly string[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const step = threshold / rowsToThreshold;
  const levels = columnsOf(points).map((logE) => Math.round(logE / step));
  const top = Math.min(Math.max(rowsToThreshold, ...levels), mostThresholds * rowsToThreshold);
  const bottom = Math.max(Math.min(0, ...levels), -rowsToThreshold);
  const rows = Array.from({ length: top - bottom + 1 }, (_, index) => top - index);
  const [left, right] = [secondOfDay(first.at, timeZone), secondOfDay(last.at, timeZone)];
  return [
    ...rows.map((level) => rowAt(level, levels, { step, top, bottom })),
    `${' '.repeat(gutter)}└${'─'.repeat(pictureColumns)}`,
    `${' '.repeat(gutter + 1)}${left}${right.padStart(pictureColumns - left.length)}`,
  ];
}

function rowAt(
  level: number,
  levels: readonly number[],
  { step, top, bottom }: { readonly step: number; readonly top: number; readonly bottom: number },
): string {
  const isThreshold = level === rowsToThreshold;
  const cells = levels.map((held) => {
    if (held > level && level === top) return '▲';
    if (held < level && level === bottom) return '▼';
    if (held === level) return '●';
    return isThreshold ? '╌' : ' ';
  });
  const label = ((level * step) / Math.LN10)
    .toFixed(1)
    .replace('-0.0', '0.0')
    .padStart(gutter - 1);
  return `${label} ┤${cells.join('')}${isThreshold ? ' threshold' : ''}`.trimEnd();
}

/** Value of each column: that of the last point at or before it. */
function columnsOf(points: readonly EvidencePoint[]): readonly number[] {
  const begin = points[0]?.at ?? 0;
  const length = Math.max(1, (points.at(-1)?.at ?? 0) - begin);
  let [held, next] = [0, 0];
  return Array.from({ length: pictureColumns }, (_, column) => {
    for (let point = points[next]; point !== undefined; point = points[next]) {
      if (Math.round(((point.at - begin) / length) * (pictureColumns - 1)) > column) break;
      held = point.logE;
      next += 1;
    }
    return held;
  });
}

/** Both error rates with their intervals on one axis. */
export function ratesPicture(arms: readonly (RateFigure & { readonly name: string })[]): readonly string[] {
  const measured = arms.filter(({ requests }) => requests > 0);
  if (measured.length === 0) return [];
  const limit = Math.max(...measured.map(({ interval }) => interval[1]));
  const width = Math.max(...measured.map(({ name }) => name.length));
  const at = (share: number) => Math.min(axisColumns - 1, Math.floor((share / limit) * (axisColumns - 1)));
  const end = percent(limit);
  return [
    ...measured.map(({ name, requests, bad, interval }) => {
      const [low, mean, high] = [at(interval[0]), at(bad / requests), at(interval[1])];
      const cells = Array.from({ length: axisColumns }, (_, column) => {
        if (column === mean) return '●';
        if (column === low) return '├';
        if (column === high) return '┤';
        return column > low && column < high ? '─' : ' ';
      });
      return `${name.padEnd(width)} │${cells.join('')}`.trimEnd();
    }),
    `${' '.repeat(width)} └${'─'.repeat(axisColumns)}`,
    `${' '.repeat(width)}  0 %${end.padStart(axisColumns - 3)}`,
  ];
}
