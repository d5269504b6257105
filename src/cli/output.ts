import { errorFacts } from '../base/sluice-error.ts';

/** Where a command writes. Colour is for terminals only, and never with NO_COLOR. */
export interface Output {
  readonly json: boolean;
  /** A line for people; with `--json` nothing. */
  say(line: string): void;
  /** The answer: with `--json` as one line of JSON, else as `text`. */
  answer(value: unknown, text: string): void;
}

export function outputOf(options: { readonly json?: boolean | undefined }): Output {
  const json = options.json === true;
  return {
    json,
    say: (line) => {
      if (!json) process.stdout.write(`${line}\n`);
    },
    answer: (value, text) => {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : text === '' ? '' : `${text}\n`);
    },
  };
}

/** Tells an error and sets the exit code: 1, or 2 for a command line that was not understood. */
export function tellError(error: unknown, json: boolean): void {
  const facts = errorFacts(error);
  if (json) process.stdout.write(`${JSON.stringify({ error: facts })}\n`);
  else process.stderr.write(`sluice: ${facts.message}\n  → ${facts.remedy}\n  (${facts.code})\n`);
  process.exitCode = 1;
}
