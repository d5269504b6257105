import { excerptAt, quoted, tailOf } from './excerpt.ts';
import type { Found } from './found.ts';

/** Looks for any of the texts, as they are written. An empty one is found nowhere. */
export function searchLiteral(text: string, any: readonly string[]): Found {
  const wanted = any.filter((one) => one !== '');
  for (const one of wanted) {
    const index = text.indexOf(one);
    if (index < 0) continue;
    return { holds: true, observed: `contains ${quoted(one)}`, excerpt: excerptAt(text, index, one.length) };
  }
  const lower = text.toLowerCase();
  const otherwise = wanted.find((one) => lower.includes(one.toLowerCase()));
  const but = otherwise === undefined ? '' : `; with other capitals there is ${quoted(otherwise)}`;
  const told = wanted.map((one) => quoted(one)).join(' or ') || 'anything that was asked for';
  return { holds: false, observed: `does not contain ${told}${but}`, excerpt: tailOf(text) };
}
