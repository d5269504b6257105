import type { Problem } from './document.ts';

/** Collects problems while a document is read. */
export class Problems {
  readonly #list: Problem[];

  /** Begins with what another one has collected. */
  constructor(before?: Problems) {
    this.#list = before === undefined ? [] : [...before.#list];
  }

  add(code: string, line: number, message: string, remedy: string): void {
    this.#list.push({ code, line, message, remedy });
  }

  /** By line, in the order in which they were found. */
  sorted(): readonly Problem[] {
    return [...this.#list].sort((one, other) => one.line - other.line);
  }
}

/** A text of any length as it fits into a message. */
export function shortened(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
