import { excerptAt, quoted, tailOf } from './excerpt.ts';
import type { Found } from './found.ts';
import { searchLiteral } from './literal-search.ts';

/**
 * Looks for a regular expression. The dot matches line breaks; code points are whole where the pattern allows it; one line
 * break at the end of the text does not hinder `$`. Capitals count: a match that only differs in them is told and does not
 * hold. What is no regular expression is told and looked for as it is written. Takes as long as the pattern lets it.
 */
export function searchPattern(text: string, source: string): Found {
  const pattern = compile(source);
  if (pattern instanceof Error) {
    const found = searchLiteral(text, [source]);
    return {
      ...found,
      observed: `${invalid(source, pattern)}, looked for as it is written: ${found.observed}`,
    };
  }
  const match = execute(pattern, text);
  if (match !== null) {
    const observed = `/${source}/ matches ${quoted(match[0])}`;
    return { holds: true, observed, excerpt: excerptAt(text, match.index, match[0].length) };
  }
  const anyCase = execute(new RegExp(source, `${pattern.flags}i`), text);
  const but = anyCase === null ? '' : `; with other capitals there is ${quoted(anyCase[0])}`;
  return { holds: false, observed: `/${source}/ matches nothing${but}`, excerpt: tailOf(text) };
}

function compile(source: string): RegExp | Error {
  let invalid: unknown;
  for (const flags of ['su', 's']) {
    try {
      return new RegExp(source, flags);
    } catch (error) {
      invalid = error;
    }
  }
  return invalid as Error;
}

function execute(pattern: RegExp, text: string): RegExpExecArray | null {
  const match = pattern.exec(text);
  return match ?? (text.endsWith('\n') ? pattern.exec(text.replace(/\r?\n$/, '')) : null);
}

function invalid(source: string, { message }: Error): string {
  return `/${source}/ is no regular expression (${message.slice(message.lastIndexOf(': ') + 2)})`;
}
