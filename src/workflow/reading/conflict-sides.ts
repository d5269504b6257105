import type { Problems } from './problem.ts';
import type { SourceLines } from './source-lines.ts';

export interface ConflictSides {
  readonly conflicts: number;
  readonly ours: SourceLines;
  readonly theirs: SourceLines;
}

type Part = 'both' | 'ours' | 'base' | 'theirs';

/** Parts a file at the conflict markers of git. Lines keep their numbers. Markers inside of a fenced block are an example,
 * unless the block itself began or ended within the conflict. */
export function conflictSides(lines: SourceLines, problems: Problems): ConflictSides {
  const regions = regionsOf(lines, problems);
  if (regions.length === 0) return { conflicts: 0, ours: lines, theirs: lines };
  const keep = (side: 'ours' | 'theirs'): SourceLines => {
    const part = partsOf(lines.texts.length, regions);
    const kept = lines.texts
      .map((_, index) => index)
      .filter((index) => part[index] === 'both' || part[index] === side);
    return {
      texts: kept.map((index) => lines.texts[index] ?? ''),
      numbers: kept.map((index) => lines.numbers[index] ?? 0),
    };
  };
  return { conflicts: regions.length, ours: keep('ours'), theirs: keep('theirs') };
}

interface Region {
  readonly start: number;
  readonly base: number | null;
  readonly middle: number;
  readonly end: number;
}

function partsOf(length: number, regions: readonly Region[]): readonly (Part | null)[] {
  const parts: (Part | null)[] = new Array(length).fill('both');
  for (const { start, base, middle, end } of regions) {
    for (let index = start; index <= end; index += 1) {
      parts[index] = index > middle ? 'theirs' : base !== null && index > base ? 'base' : 'ours';
    }
    for (const marker of [start, base, middle, end]) if (marker !== null) parts[marker] = null;
  }
  return parts;
}

function regionsOf({ texts, numbers }: SourceLines, problems: Problems): readonly Region[] {
  const regions: Region[] = [];
  const fenced = fencedLines(texts);
  let open: { start: number; base: number | null; middle: number | null } | null = null;
  for (const [index, text] of texts.entries()) {
    if (/^<{7}(?: |$)/.test(text)) {
      if (open !== null) unfinished(numbers[open.start] ?? 0, problems);
      open = { start: index, base: null, middle: null };
    } else if (open === null) {
      if (/^>{7} \S/.test(text) && !fenced.has(index)) unfinished(numbers[index] ?? 0, problems);
    } else if (/^\|{7}(?: |$)/.test(text) && open.middle === null) open.base = index;
    else if (text === '=======' && open.middle === null) open.middle = index;
    else if (/^>{7}(?: |$)/.test(text) && open.middle !== null) {
      const region = { ...open, middle: open.middle, end: index };
      if (isExample(region, fenced)) {
        problems.add(
          'conflict-markers-in-fence',
          numbers[open.start] ?? 0,
          'conflict markers stand in a block of code; they were read as an example',
          'Remove them if they are a conflict.',
        );
      } else regions.push(region);
      open = null;
    }
  }
  if (open !== null) unfinished(numbers[open.start] ?? 0, problems);
  return regions;
}

function unfinished(line: number, problems: Problems): void {
  problems.add(
    'conflict-unfinished',
    line,
    'a conflict marker stands here without its counterparts',
    'Restore the `<<<<<<<`, `=======` and `>>>>>>>` lines, or resolve the conflict.',
  );
}

function isExample({ start, middle, end }: Region, fenced: ReadonlyMap<number, number>): boolean {
  const block = fenced.get(start);
  return block !== undefined && fenced.get(middle) === block && fenced.get(end) === block;
}

/** The lines inside of fenced blocks, each with the line of the fence that opens its block. */
function fencedLines(texts: readonly string[]): ReadonlyMap<number, number> {
  const inside = new Map<number, number>();
  let open: { readonly mark: string; readonly at: number } | null = null;
  let waiting: number[] = [];
  for (const [index, text] of texts.entries()) {
    const mark = /^[\s>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})/.exec(text)?.[1];
    if (open === null) {
      if (mark !== undefined) open = { mark, at: index };
    } else if (mark?.startsWith(open.mark) && text.trim() === mark) {
      for (const one of waiting) inside.set(one, open.at);
      waiting = [];
      open = null;
    } else waiting.push(index);
  }
  return inside;
}
