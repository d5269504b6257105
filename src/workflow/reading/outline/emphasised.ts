import type { Item, Text } from '../entry.ts';

/** Bold, a heading's words with a colon, or a list item: prose that mentions a subtask is none. */
export function emphasised({ text }: Item | Text): boolean {
  if (/\b(?:must be|has started|is)\b/i.test(text.slice(0, 200))) return false;
  return (
    /^(?:[^\p{L}\p{N}]*)(?:\*\*|__)/u.test(text) ||
    /^(?:\[|\(|`){1,2}[A-Z]\d+(?:[-._][A-Z]?\d+)+(?:\]|\)|`){1,2}/.test(text) ||
    /^[^\n]{0,40}\d[\w.-]*\s*(?:\([^)]*\)\s*)?[:：—–-]\s/.test(text)
  );
}
