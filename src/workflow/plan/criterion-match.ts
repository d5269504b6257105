import type { Match } from '../../base/look.ts';
import { patternFault } from './probe.ts';

const quoted = String.raw`(?:"[^"\n]{1,500}"|“[^”\n]{1,500}”|„[^“”\n]{1,500}[“”]|«[^»\n]{1,500}»|'[^'\n]{1,500}'|${'`'}[^${'`'}\n]{1,500}${'`'})`;
const several = new RegExp(
  `^${quoted}(?:\\s*(?:,|;|/|\\||\\bor\\b|\\band\\b|,\\s*(?:or|and)\\b)\\s*${quoted})*\\.?$`,
  'i',
);

/**
 * What a criterion says of a content: quoted texts (`"a" or "b"`: any of them; `"a" and "b"`: both), a fragment of JSON, a regular
 * expression, else the words themselves.
 */
export function criterionMatch(text: string): Match {
  const said = text.trim();
  const json = jsonFragment(said);
  if (json !== undefined) return { kind: 'json', value: json };
  if (several.test(said)) {
    const texts = quotedIn(said);
    return /["”“»'`]\s*,?\s*and\s*["“„«'`]/i.test(said) ? allOf(texts) : { kind: 'literal', any: texts };
  }
  const slashed = /^\/(.+)\/[a-z]{0,3}$/s.exec(said)?.[1];
  const source = slashed !== undefined && looksLikePattern(slashed) ? slashed : said;
  if (looksLikePattern(source) && patternFault(source) === null) return { kind: 'pattern', source };
  const inside = quotedIn(said);
  return { kind: 'literal', any: inside.length > 0 ? inside : [said.replace(/\s*\.$/, '')] };
}

/** Texts in quotation marks or code spans, without the marks. */
export function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(`(?<![\\p{L}\\d])${quoted}`, 'gu'))].map(([found]) =>
    found.slice(1, -1),
  );
}

/** Undefined where the text is no JSON. `"a": 1` is a fragment of an object. */
export function jsonFragment(text: string): unknown {
  if (!/^(?:\{|\[|"[^"]*"\s*:)/.test(text)) return undefined;
  for (const form of [text, `{${text}}`]) {
    try {
      const value: unknown = JSON.parse(form);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // The next form, or no JSON at all.
    }
  }
  return undefined;
}

/** Signs that no sentence has. */
function looksLikePattern(text: string): boolean {
  return /\\[dwsbDWSB.\\/()[\]{}+*?|^$-]|\.[*+]|\.\?(?=\S)|\[[^\]\s]+\][*+?{]|\([^)]*\|[^)]*\)|\(\?[:=!<]|^\^|[\w)\]]\$$|[\w)\]]\{\d+(?:,\d*)?\}|[)\]][*+?]|[^\s|]\|[^\s|]/.test(
    text,
  );
}

function allOf(texts: readonly string[]): Match {
  const escaped = texts.map((one) => `(?=.*${one.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})`);
  return { kind: 'pattern', source: `^${escaped.join('')}` };
}
