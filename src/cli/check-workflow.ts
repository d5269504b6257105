import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';
import { type BindingsFacts, noBindings, readBindingsFacts } from '../workflow/reading/bindings-facts.ts';
import type { Problem, Reading, WorkflowDocument } from '../workflow/reading/document.ts';
import { linkProblems } from '../workflow/reading/links.ts';
import { readDocument, type Side } from '../workflow/reading/read-document.ts';
import { problemsWith, readinessOf } from '../workflow/reading/readiness.ts';
import { readingJson } from '../workflow/reading/reading-json.ts';
import { outputOf } from './output.ts';
import { workflowCheckText } from './workflow-check-text.ts';
import { workspaceFiles } from './workspace-files.ts';

interface CheckOptions {
  readonly side?: string;
  readonly bindings?: string;
  readonly json?: boolean;
}

/** Reads each file and prints what was understood. A document with problems is still a document: they are told, and the
 * command succeeds. */
export async function checkWorkflow(files: readonly string[], options: CheckOptions): Promise<void> {
  const side = sideOf(options.side);
  const bindings = await bindingsOf(options.bindings);
  const read = await Promise.all(
    files.map(async (file) => ({
      file: placeOf(file),
      reading: readDocument(await contentOf(file), { side }),
    })),
  );
  const single = read.flatMap(({ file, reading }) =>
    'document' in reading ? [{ file, document: reading.document }] : [],
  );
  const between = linkProblems(single, await workspaceFiles(files), ['', ...bindings.roots]);
  const output = outputOf(options);
  for (const { file, reading } of read) {
    const whole = withProblems(reading, bindings, between.get(file) ?? []);
    const json = {
      ...(read.length > 1 ? { file } : {}),
      ...readingJson(whole),
      ...readiness(whole, bindings),
    };
    output.answer(json, workflowCheckText(file, whole, bindings));
  }
}

function sideOf(side: string | undefined): Side | undefined {
  if (side === undefined || side === 'ours' || side === 'theirs') return side;
  throw new SluiceError({
    code: 'side-unknown',
    message: `--side is "${side}"`,
    remedy: 'Write `--side ours` or `--side theirs`.',
  });
}

async function bindingsOf(file: string | undefined): Promise<BindingsFacts> {
  return file === undefined ? noBindings : readBindingsFacts((await contentOf(file)).toString('utf8'), file);
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SluiceError({
      code: 'file-not-readable',
      message: `${file} cannot be read${code === undefined ? '' : ` (${code})`}`,
      remedy: 'Check the path, and that you may read it.',
      cause,
    });
  }
}

/** As links between documents are written: relative to where one works, with slashes. */
function placeOf(file: string): string {
  return relative(process.cwd(), file).replaceAll('\\', '/') || file;
}

function withProblems(reading: Reading, bindings: BindingsFacts, more: readonly Problem[]): Reading {
  const settled = (document: WorkflowDocument): WorkflowDocument => ({
    ...document,
    problems: [...problemsWith(document, bindings), ...more].sort((one, other) => one.line - other.line),
  });
  if ('document' in reading) return { ...reading, document: settled(reading.document) };
  return { ...reading, sides: { ours: settled(reading.sides.ours), theirs: settled(reading.sides.theirs) } };
}

function readiness(reading: Reading, bindings: BindingsFacts) {
  return 'document' in reading ? { readiness: readinessOf(reading.document, bindings) } : {};
}
