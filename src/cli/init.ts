import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { SluiceError } from '../base/sluice-error.ts';
import { type DetectedProject, detectProject } from '../config/detect-project.ts';
import { renderConfig } from '../config/render-config.ts';
import { findProject } from '../daemon/project-place.ts';
import { replaceFile } from '../disk/replace-file.ts';
import { outputOf } from './output.ts';
import { wrapped } from './wrapped.ts';

export interface InitOptions {
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Writes a sluice.yml for the working directory. Throws `project-exists`. */
export async function init(options: InitOptions): Promise<void> {
  const directory = process.cwd();
  const file = join(directory, 'sluice.yml');
  if (existsSync(file) && !options.force && !options.dryRun) throw exists(file);
  const seen = await detectProject(directory);
  const detected = asksNothing(options) ? seen : await ask(seen);
  const text = renderConfig(detected);
  const { findings, doubts } = detected;
  const answer = { file, written: options.dryRun !== true, text, findings, doubts };
  const output = outputOf(options);
  if (options.dryRun) return output.answer(answer, text.trimEnd());
  await replaceFile(file, text, { mode: 0o644 });
  output.answer(answer, toldText(text, detected, projectAbove(directory)));
}

function asksNothing({ yes, dryRun, json }: InitOptions): boolean {
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  return yes === true || dryRun === true || json === true || !terminal;
}

/** Only what the repository does not say; an empty answer takes what stands in brackets. */
async function ask(seen: DetectedProject): Promise<DetectedProject> {
  if (!seen.startGuessed && !seen.healthGuessed) return seen;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and the end of input leave without a word of what was not asked for.
  terminal.once('close', () => process.exit(130));
  const question = async (text: string, usual: string) =>
    (await terminal.question(`${text} [${usual}] `)).trim() || usual;
  const start = seen.startGuessed
    ? await question('Which command starts an instance (on $PORT)?', seen.start)
    : seen.start;
  const health = seen.healthGuessed
    ? path(await question('Which path answers with 200 while it is well?', seen.health))
    : seen.health;
  terminal.removeAllListeners('close');
  terminal.close();
  const answered = (doubt: string) => /^(?:start|health): no /.test(doubt);
  const ready = seen.healthGuessed && seen.ready === seen.health ? health : seen.ready;
  return { ...seen, start, health, ready, doubts: seen.doubts.filter((doubt) => !answered(doubt)) };
}

function path(text: string): string {
  return text.startsWith('/') ? text : `/${text}`;
}

function toldText(
  text: string,
  { service, findings, doubts }: DetectedProject,
  above: string | null,
): string {
  const lines = (items: readonly string[], mark: string) =>
    items.flatMap((item) => wrapped(item, { head: `  ${mark} `, indent: '    ' }));
  return [
    text,
    'Wrote sluice.yml.',
    ...lines(findings, '·'),
    ...lines(doubts, '!'),
    ...(above === null
      ? []
      : lines([`${above} is there as well; from here on this directory has its own`], '!')),
    '',
    'Next:',
    `  sluice artifact add <build output> --service ${service} --unit <unit>`,
    '  QA approves the digest in QA/QA-Report-<unit>.md',
    `  sluice deploy ${service} --to staging --unit <unit>`,
  ].join('\n');
}

function projectAbove(directory: string): string | null {
  try {
    return dirname(directory) === directory ? null : findProject(dirname(directory)).file;
  } catch {
    return null; // The usual case: there is none.
  }
}

function exists(file: string): SluiceError {
  return new SluiceError({
    code: 'project-exists',
    message: `${file} is there already.`,
    remedy: 'Use it, or write over it with --force; --dry-run shows what would be written.',
  });
}
