const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const times: Readonly<Record<string, number>> = { once: 1, twice: 2, thrice: 3, none: 0, no: 0, never: 0 };

/** More is a typing error. */
const most = 100;

/** `3`, `3 times`, `three`, `twice`; 0 where nothing is said; null for what is no number. */
export function retriesOf(text: string | null): number | null {
  if (text === null || text.trim() === '') return 0;
  const digits = /\d+/.exec(text)?.[0];
  if (digits !== undefined) return Math.min(most, Number(digits));
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const number = Object.hasOwn(times, word) ? (times[word] ?? -1) : numbers.indexOf(word);
    if (number >= 0) return number;
  }
  return /^(?:n\/?a|[-–—])$/i.test(text.trim()) ? 0 : null;
}
