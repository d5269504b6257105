import { SluiceError } from '../../base/sluice-error.ts';

/** What one name in a path must be; `any-depth` is `**`, which stands for any number of names. */
export type Segment =
  | { readonly kind: 'any-depth' }
  | { readonly kind: 'literal'; readonly name: string }
  | { readonly kind: 'pattern'; readonly parts: readonly Part[] };

type Part = 'any' | 'one' | { readonly of: string; readonly negated: boolean } | { readonly char: string };

const mostAlternatives = 1_000;

/**
 * Reads a glob with `*`, `**`, `?`, `[a-z]`, `[!a]`, `{a,b}` and `\` before what is meant literally. Dots at the beginning of
 * a name are nothing special. One list of segments for each alternative. Throws `glob-unusable`.
 */
export function parseGlob(glob: string): readonly (readonly Segment[])[] {
  return expandBraces(glob, glob).map((plain) => {
    const names = plain.split('/').filter((name) => name !== '' && name !== '.');
    if (names.includes('..')) throw unusable(glob, 'leads out of the workspace');
    return names.map(segmentOf);
  });
}

/** Whether the name is what the segment asks for. Its time is bounded by the product of both lengths. */
export function matchesSegment(name: string, segment: Exclude<Segment, { kind: 'any-depth' }>): boolean {
  if (segment.kind === 'literal') return name === segment.name;
  const { parts } = segment;
  const chars = [...name];
  let [at, part, star, retry] = [0, 0, -1, 0];
  while (at < chars.length) {
    const wanted = parts[part];
    if (wanted === 'any') {
      [star, retry] = [part, at];
      part += 1;
    } else if (wanted !== undefined && isChar(wanted, chars[at] ?? '')) {
      at += 1;
      part += 1;
    } else if (star >= 0) {
      retry += 1;
      [at, part] = [retry, star + 1];
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === 'any');
}

function isChar(part: Exclude<Part, 'any'>, char: string): boolean {
  if (part === 'one') return true;
  return 'char' in part ? part.char === char : part.of.includes(char) !== part.negated;
}

function segmentOf(name: string): Segment {
  if (name === '**') return { kind: 'any-depth' };
  const parts: Part[] = [];
  for (let at = 0; at < name.length; ) {
    const { part, length } = partAt(name, at);
    parts.push(part);
    at += length;
  }
  const isLiteral = parts.every((part) => typeof part === 'object' && 'char' in part);
  if (!isLiteral) return { kind: 'pattern', parts };
  return { kind: 'literal', name: parts.map((part) => (part as { char: string }).char).join('') };
}

function partAt(name: string, at: number): { readonly part: Part; readonly length: number } {
  const char = String.fromCodePoint(name.codePointAt(at) ?? 0);
  if (char === '*') return { part: 'any', length: 1 };
  if (char === '?') return { part: 'one', length: 1 };
  if (char === '\\' && at + 1 < name.length) {
    const escaped = String.fromCodePoint(name.codePointAt(at + 1) ?? 0);
    return { part: { char: escaped }, length: 1 + escaped.length };
  }
  const set = char === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(name.slice(at)) : null;
  if (set === null) return { part: { char }, length: char.length };
  const [whole, sign = '', members = ''] = set;
  return { part: { of: rangesOf(members), negated: sign !== '' }, length: whole.length };
}

function rangesOf(members: string): string {
  return members.replace(/(.)-(.)/gsu, (_, from: string, to: string) => {
    const [first, last] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
    const count = Math.min(Math.max(0, last - first + 1), 1_024);
    return Array.from({ length: count }, (_, index) => String.fromCodePoint(first + index)).join('');
  });
}

function expandBraces(glob: string, whole: string): readonly string[] {
  let results: readonly string[] = [''];
  for (let at = 0; at < glob.length; ) {
    const group = glob[at] === '{' ? groupAt(glob, at) : null;
    const length = group?.length ?? (glob[at] === '\\' ? 2 : 1);
    const choices = group?.choices.flatMap((choice) => expandBraces(choice, whole)) ?? [
      glob.slice(at, at + length),
    ];
    if (results.length * choices.length > mostAlternatives)
      throw unusable(whole, 'has too many alternatives');
    results = results.flatMap((head) => choices.map((choice) => head + choice));
    at += length;
  }
  return results;
}

/** The group that begins there; null when it is never closed or holds no comma, and so is meant literally. */
function groupAt(glob: string, start: number): { choices: readonly string[]; length: number } | null {
  const choices: string[] = [];
  let [depth, from] = [0, start + 1];
  for (let at = start; at < glob.length; at += 1) {
    if (glob[at] === '\\') at += 1;
    else if (glob[at] === '{') depth += 1;
    else if (glob[at] === '}') depth -= 1;
    const closes = depth === 0;
    if (closes || (depth === 1 && glob[at] === ',')) {
      choices.push(glob.slice(from, at));
      from = at + 1;
    }
    if (closes) return choices.length > 1 ? { choices, length: at - start + 1 } : null;
  }
  return null;
}

function unusable(glob: string, why: string): SluiceError {
  return new SluiceError({
    code: 'glob-unusable',
    message: `The pattern ${glob} ${why}.`,
    remedy:
      'Write it relative to the workspace, such as `QA/**`, in a few patterns where one would be too much.',
  });
}
