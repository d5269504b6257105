import type { BindingsFacts } from '../workflow/reading/bindings-facts.ts';
import type { Problem, Reading, WorkflowDocument } from '../workflow/reading/document.ts';
import { readinessOf } from '../workflow/reading/readiness.ts';
import { countsOf } from '../workflow/reading/reading-json.ts';
import { wrapped } from './wrapped.ts';

/** What a person reads after `sluice workflow check`. */
export function workflowCheckText(file: string, reading: Reading, bindings: BindingsFacts): string {
  if ('document' in reading) return documentText(file, reading.document, bindings).join('\n');
  const { ours, theirs } = reading.sides;
  return [
    `${file}: ${reading.conflicts} unresolved ${reading.conflicts === 1 ? 'conflict' : 'conflicts'}; each side was read by itself, --side chooses one`,
    ...documentText(`${file} (ours)`, ours, bindings),
    ...documentText(`${file} (theirs)`, theirs, bindings),
  ].join('\n');
}

function documentText(file: string, document: WorkflowDocument, bindings: BindingsFacts): readonly string[] {
  const { tasks, subtasks, steps, criteria, artifacts } = countsOf(document);
  const { understood, needsBinding, humanJudged } = readinessOf(document, bindings);
  return [
    `${file}: ${document.generation}, ${tasks} tasks, ${subtasks} subtasks, ${steps} steps, ${criteria} criteria, ${artifacts} artifacts`,
    ...list('understood', understood),
    ...list('needs a binding', needsBinding),
    ...list('a person must judge', humanJudged),
    ...document.problems.flatMap((problem) => problemText(file, problem)),
  ];
}

function list(label: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  return wrapped(names.join(', '), { head: `  ${label} (${names.length}): `, indent: '    ', columns: 110 });
}

function problemText(file: string, { code, line, message, remedy }: Problem): readonly string[] {
  return [`  ${file.replace(/ \((?:ours|theirs)\)$/, '')}:${line} ${message} (${code})`, `    → ${remedy}`];
}
