import type { StepStatus } from '../run/state.ts';

const done = /^(?:done|complete|completed|succeeded|success|successful|finished|passed|closed|ok|✅)$/i;

/** Documents ask for `done`, `complete`, `SUCCEEDED`: all mean the same. */
export function saysDone(word: unknown): boolean {
  return word === true || (typeof word === 'string' && done.test(word.trim()));
}

/**
 * A status in the words of a file: `done` as its document asks for it, the others in the case in which the file writes (`in_progress`,
 * `in-progress`, `IN_PROGRESS`). `before`: what stands there; a boolean stays one.
 */
export function wordFor(status: StepStatus, before: unknown, asked: string): string | boolean {
  const isDone = status === 'SUCCEEDED';
  if (typeof before === 'boolean') return isDone;
  if (isDone) return asked;
  const word = others[status] ?? status.toLowerCase();
  if (typeof before !== 'string' || before === '') return word;
  const joined = before.includes('-')
    ? word.replaceAll('_', '-')
    : before.includes(' ')
      ? word.replaceAll('_', ' ')
      : word;
  return before === before.toUpperCase() && /[A-Z]/.test(before) ? joined.toUpperCase() : joined;
}

const others: Partial<Record<StepStatus, string>> = {
  PENDING: 'pending',
  READY: 'pending',
  RUNNING: 'in_progress',
  VERIFYING: 'in_progress',
  UNPROVEN: 'review',
};

/** The word for done that a document asks for in the sentence on its state files; `done` where it does not say. */
export function askedWord(text: string): string {
  const near = /(?:Step|DNA)\.json/;
  for (const line of text.split('\n')) {
    if (!near.test(line)) continue;
    const found =
      /\bas ["'`]?(done|completed?|succeeded|finished)\b/i.exec(line) ??
      /\b(SUCCEEDED|COMPLETED?|DONE)\b/.exec(line) ??
      /\b(?:mark|set|update)\b.*?\b(done|completed?|finished|succeeded)\b/i.exec(line);
    if (found?.[1] !== undefined) return found[1];
  }
  return 'done';
}
