import { unreachable } from '../../base/invariant.ts';
import type { Match } from '../../base/look.ts';
import { isCheap } from './cheap-pattern.ts';
import type { Found } from './found.ts';
import { searchJson } from './json-search.ts';
import { searchLiteral } from './literal-search.ts';
import { searchPattern } from './pattern-search.ts';
import type { Searcher } from './search-thread.ts';

/** Patterns of which the end cannot be told are left to the thread. */
export async function findMatch(text: string, match: Match, thread: Searcher): Promise<Found> {
  switch (match.kind) {
    case 'literal':
      return searchLiteral(text, match.any);
    case 'json':
      return searchJson(text, match.value);
    case 'pattern':
      if (isCheap(match.source, text.length)) return searchPattern(text, match.source);
      return thread.search({ kind: 'pattern', text, source: match.source });
    default:
      return unreachable(match);
  }
}
