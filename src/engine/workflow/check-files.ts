import { compilePlan } from '../../workflow/plan/compile-plan.ts';
import { documentProblems } from '../../workflow/plan/document-problems.ts';
import type { PlanProblem } from '../../workflow/plan/plan-problem.ts';
import { type PlanSource, planSource } from '../../workflow/plan/plan-source.ts';
import { readinessOf } from '../../workflow/plan/readiness.ts';
import type { Problem, Reading } from '../../workflow/reading/document.ts';
import { linkProblems } from '../../workflow/reading/links.ts';
import type { Side } from '../../workflow/reading/read-document.ts';
import { readingJson } from '../../workflow/reading/reading-json.ts';
import type { CheckedDocument, CheckedFile } from './checked-file.ts';
import type { WorkflowInput } from './workflow-input.ts';

type CheckInput = Omit<WorkflowInput, 'sources'>;

/** What was understood of each document, beside its bindings and the other documents; in the order in which they were given. */
export function checkFiles(
  input: CheckInput,
  side: Side | undefined,
): readonly { readonly file: string; readonly result: CheckedFile }[] {
  const sources = input.documents.map(({ file, bytes }) => ({
    file,
    bytes,
    source: planSource(file, bytes, side),
  }));
  const together = checkDocuments(
    sources.flatMap(({ source }) => source ?? []),
    input,
  );
  return sources.map(({ file, bytes }) => ({
    file,
    result: together.get(file) ?? checkSides(file, bytes, input),
  }));
}

/** By path. Problems of the bindings file stand with the first document. */
function checkDocuments(
  sources: readonly PlanSource[],
  { bindings, files, texts }: CheckInput,
): ReadonlyMap<string, CheckedFile> {
  const compiled = compilePlan({ documents: sources, bindings, files, texts });
  const placed = sources.map(({ path, document }) => ({ file: path, document }));
  const between = linkProblems(placed, files, ['', ...bindings.roots]);
  const paths = new Set(sources.map(({ path }) => path));
  const elsewhere = compiled.problems.filter(({ file }) => !paths.has(file)).map(withFile);
  return new Map(
    sources.map((source, index): [string, CheckedFile] => {
      const { path, document, conflicts } = source;
      const beside = sources.filter((one) => one !== source);
      const problems: readonly Problem[] = [
        ...documentProblems(source, bindings, beside),
        ...(between.get(path) ?? []),
        // Prerequisites that no document has are told by the document already.
        ...compiled.problems.filter(({ file, code }) => file === path && code !== 'prerequisite-unknown'),
        ...(index === 0 ? elsewhere : []),
      ];
      const sorted = [...problems].sort((one, other) => one.line - other.line);
      const readiness = readinessOf(compiled, path);
      return [path, { conflicts, checked: { document: { ...document, problems: sorted }, readiness } }];
    }),
  );
}

function withFile({ file, line, message, ...problem }: PlanProblem): Problem {
  return { ...problem, line: 1, message: `${file}:${line} ${message}` };
}

function checkSides(file: string, bytes: Uint8Array, input: CheckInput): CheckedFile {
  const checkSide = (side: 'ours' | 'theirs'): Extract<CheckedFile, { checked: CheckedDocument }> => {
    const source = planSource(file, bytes, side);
    const result = source === null ? undefined : checkDocuments([source], input).get(file);
    if (result === undefined || !('checked' in result)) throw new Error(`${file} has no side ${side}`);
    return result;
  };
  const [ours, theirs] = [checkSide('ours'), checkSide('theirs')];
  return { conflicts: ours.conflicts, sides: { ours: ours.checked, theirs: theirs.checked } };
}

/** As `sluice workflow check --json` prints it. */
export function checkedJson(file: CheckedFile): Readonly<Record<string, unknown>> {
  const { conflicts } = file;
  if ('checked' in file) {
    const reading: Reading = { conflicts, document: file.checked.document };
    return { ...readingJson(reading), readiness: file.checked.readiness };
  }
  const { ours, theirs } = file.sides;
  return readingJson({ conflicts, sides: { ours: ours.document, theirs: theirs.document } });
}
