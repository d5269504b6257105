import type { CheckedDocument, CheckedFile } from '../engine/workflow/checked-file.ts';
import type { Readiness } from '../workflow/plan/readiness.ts';
import type { Problem } from '../workflow/reading/document.ts';
import { countsOf } from '../workflow/reading/reading-json.ts';
import { wrapped } from './wrapped.ts';

/** What a person reads after `sluice workflow check`. */
export function workflowCheckText(file: string, result: CheckedFile): string {
  if ('checked' in result) return documentText(file, file, result.checked).join('\n');
  const { conflicts, sides } = result;
  return [
    ...wrapped(
      `${file}: ${conflicts} unresolved ${conflicts === 1 ? 'conflict' : 'conflicts'}; each side was read by itself, --side chooses one`,
      { head: '', indent: '  ' },
    ),
    ...documentText(`${file} (ours)`, file, sides.ours),
    ...documentText(`${file} (theirs)`, file, sides.theirs),
  ].join('\n');
}

function documentText(
  title: string,
  file: string,
  { document, readiness }: CheckedDocument,
): readonly string[] {
  const { tasks, subtasks, steps, criteria, artifacts } = countsOf(document);
  const counts = [
    counted(tasks, 'task'),
    counted(subtasks, 'subtask'),
    counted(steps, 'step'),
    criteria === 1 ? '1 criterion' : `${criteria} criteria`,
    counted(artifacts, 'artifact'),
  ].join(', ');
  return [
    ...wrapped(`${title}: ${document.generation}, ${counts}`, { head: '', indent: '  ' }),
    ...readinessText(readiness),
    ...document.problems.flatMap((problem) => problemText(file, problem)),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function readinessText({
  understood,
  needsBinding,
  humanJudged,
  unproven,
  needs,
  lines,
}: Readiness): readonly string[] {
  const list = (label: string, steps: readonly string[]): readonly string[] => {
    if (steps.length === 0) return [];
    // An id that was made by position is found in no document; its line is.
    const names = steps.map((id) => (lines[id] === undefined ? id : `${id} (line ${lines[id]})`));
    return wrapped(`${label} (${names.length}): ${names.join(', ')}`, { head: '  ', indent: '    ' });
  };
  return [
    ...list('understood', understood),
    ...list('needs a binding', needsBinding),
    ...list('a person must judge', humanJudged),
    ...list('nothing proves', unproven),
    ...needs.flatMap(({ what, steps }) => list(`lacks ${what}`, steps)),
  ];
}

function problemText(file: string, { code, line, message, remedy }: Problem): readonly string[] {
  return [
    ...wrapped(`${file}:${line} ${message} (${code})`, { head: '  ', indent: '    ' }),
    ...wrapped(remedy, { head: '    → ', indent: '      ' }),
  ];
}
