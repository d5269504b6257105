import type { MatchRule } from '../base/route-table.ts';
import { SluiceError } from '../base/sluice-error.ts';
import { cookieValue, headerValue } from './affinity.ts';
import type { RequestHead } from './engine.ts';

export type Matcher = (head: RequestHead) => boolean;

/** Any rule suffices; all conditions of a rule hold. Throws `route-table-malformed` for a pattern that is none. */
export function compileRules(rules: readonly MatchRule[]): Matcher | null {
  if (rules.length === 0) return null;
  const compiled = rules.map(compileRule);
  return (head) => compiled.some((matches) => matches(head));
}

function compileRule({ header, cookie }: MatchRule): Matcher {
  const conditions: Matcher[] = [];
  if (header !== undefined) {
    const test = compileCondition(header);
    conditions.push((head) => test(headerValue(head, header.name)));
  }
  if (cookie !== undefined) {
    const test = compileCondition(cookie);
    conditions.push((head) => test(cookieValue(head, cookie.name)));
  }
  return (head) => conditions.length > 0 && conditions.every((matches) => matches(head));
}

interface Condition {
  readonly name: string;
  readonly equals?: string;
  readonly matches?: string;
}

/** Without `equals` and `matches` it holds when the value is there at all. */
function compileCondition({ equals, matches }: Condition): (value: string | null) => boolean {
  const pattern = matches === undefined ? null : compilePattern(matches);
  return (value) =>
    value !== null && (equals === undefined || value === equals) && (pattern === null || pattern.test(value));
}

function compilePattern(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (cause) {
    throw new SluiceError({
      code: 'route-table-malformed',
      message: `The match rule "${source}" is not a regular expression: ${(cause as Error).message}`,
      remedy: 'Mend the pattern in the `match` rule of the strategy.',
      cause,
    });
  }
}
