import type { Section } from './document.ts';
import type { Entry } from './entry.ts';

/** Every heading of a document, as printed. */
export function headingsOf(entries: readonly Entry[]): readonly Section[] {
  return entries.flatMap((entry) =>
    entry.type === 'heading' ? [{ title: entry.text, line: entry.line }] : [],
  );
}
