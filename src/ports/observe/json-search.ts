import { headOf, quoted, tailOf } from './excerpt.ts';
import type { Found } from './found.ts';

/**
 * Looks for JSON that holds at least what is wanted: objects by their keys, lists by members found anywhere. The text is JSON
 * as a whole, or has JSON objects and lists among other words, as the output of a command does.
 */
export function searchJson(text: string, wanted: unknown): Found {
  let seen = false;
  for (const { value, source } of jsonIn(text)) {
    seen = true;
    if (!holdsAtLeast(value, wanted)) continue;
    return { holds: true, observed: `holds ${told(wanted)}`, excerpt: headOf(source) };
  }
  const observed = seen ? `the JSON does not hold ${told(wanted)}` : `has no JSON to hold ${told(wanted)}`;
  return { holds: false, observed, excerpt: tailOf(text) };
}

function told(wanted: unknown): string {
  return quoted(JSON.stringify(wanted) ?? 'nothing')
    .slice(1, -1)
    .replaceAll('\\"', '"');
}

function holdsAtLeast(actual: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(wanted)) {
    return Array.isArray(actual) && wanted.every((one) => actual.some((member) => holdsAtLeast(member, one)));
  }
  return (
    !Array.isArray(actual) &&
    Object.entries(wanted).every(
      ([key, value]) =>
        Object.hasOwn(actual, key) && holdsAtLeast((actual as Record<string, unknown>)[key], value),
    )
  );
}

/** A text full of brackets that are never closed costs no more than looking at so many characters. */
const mostLooked = 20_000_000;

function* jsonIn(text: string): Generator<{ readonly value: unknown; readonly source: string }> {
  const bare = text.replace(/^\ufeff/, '');
  const whole = parse(bare);
  if (whole !== undefined) return yield { value: whole, source: bare };
  const opening = /[{[]/g;
  for (let left = mostLooked; left > 0; ) {
    const start = opening.exec(text)?.index;
    if (start === undefined) return;
    const end = closingAt(text, start, left);
    left -= (end ?? text.length) - start;
    const source = end === null ? '' : text.slice(start, end);
    const value = parse(source);
    if (value === undefined) continue;
    yield { value, source };
    opening.lastIndex = end ?? text.length;
  }
}

/** Behind the bracket that closes the one at `start`; null when there is none. */
function closingAt(text: string, start: number, most: number): number | null {
  let [depth, inString] = [0, false];
  const end = Math.min(text.length, start + most);
  for (let at = start; at < end; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
