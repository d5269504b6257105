/** Steps that a regular expression may take here; some milliseconds. */
const mostSteps = 2_000_000;

/**
 * Whether a search surely ends within a few milliseconds, so that it can be made in this thread. Without a repeated group, a
 * look around and a reference back, each repetition ends at one of at most n places and each choice is one of two, from each of
 * n beginnings. What is not understood counts as a repetition, so that the bound is never too low.
 */
export function isCheap(source: string, length: number): boolean {
  let [repetitions, choices] = [0, 0];
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') {
      at += 1;
      if (/[1-9kpPuU]/.test(source[at] ?? '')) return false;
    } else if (char === '[') {
      at = endOfClass(source, at);
    } else if (char === '(') {
      if (source[at + 1] === '?' && source[at + 2] !== ':') return false;
      if (source[at + 1] === '?') at += 2;
    } else if (char === ')') {
      if (/[*+?{]/.test(source[at + 1] ?? '')) return false;
    } else if (char === '|' || char === '?') choices += 1;
    else if (char === '*' || char === '+' || char === '{') repetitions += 1;
  }
  return (length + 1) ** (1 + repetitions) * 2 ** choices * (source.length + 1) <= mostSteps;
}

function endOfClass(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === ']') return at;
  }
  return source.length;
}
