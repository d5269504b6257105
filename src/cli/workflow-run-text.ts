import type { ExportedState } from '../engine/workflow/export-state.ts';
import type {
  Renewed,
  RunStatus,
  RunSummary,
  StepEvidence,
  StepRow,
} from '../engine/workflow/workflow-api.ts';
import { wrapped } from './wrapped.ts';

const below = ' '.repeat(11);

/** `SUCCEEDED  P05-T01-S01-01  Analyze the ground`, and below it why it is not. */
export function stepLine({ id, status, command, attempt, reason, acceptedBy, unconfined }: StepRow): string {
  const notes = [
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(acceptedBy === null ? [] : [`accepted by ${acceptedBy}`]),
    ...(unconfined ? ['unconfined'] : []),
  ];
  const note = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  const head = wrapped(`${id}  ${command}${note}`, { head: status.padEnd(below.length), indent: below });
  const why = reason === null ? [] : wrapped(reason, { head: `${below}→ `, indent: `${below}  ` });
  return [...head, ...why].join('\n');
}

export function runStatusText(status: RunStatus): string {
  const { run, documents, workspace, by, startedAt, steps, groups, concerns, waitsFor } = status;
  const notReverted = groups.flatMap((group) => group.notReverted);
  return [
    `${run}: ${status.status}, begun ${new Date(startedAt).toISOString()} by ${by}`,
    `documents: ${documents.join(', ')}`,
    `workspace: ${workspace}`,
    '',
    ...steps.map(stepLine),
    ...concerns.flatMap(({ id, text, by: raisedBy }) =>
      wrapped(`${id}  ${text} (${raisedBy})`, { head: 'concern    ', indent: below }),
    ),
    ...notReverted.flatMap((effect) => wrapped(effect, { head: 'not reverted: ', indent: below })),
    ...(waitsFor.length === 0 ? [] : ['', 'Waits:', ...waitsText(waitsFor)]),
  ].join('\n');
}

/** What somebody has to do, a point each. */
export function waitsText(waitsFor: readonly string[]): readonly string[] {
  return waitsFor.flatMap((line) => wrapped(line, { head: '  ', indent: '    ' }));
}

export function runListText(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'Nothing was run here yet.';
  return runs
    .map(({ run, status, documents, startedAt, counts }) => {
      const done = counts.SUCCEEDED ?? 0;
      const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const when = new Date(startedAt).toISOString();
      return `${run}  ${status.padEnd(9)}  ${done} of ${all} steps  ${when}  ${documents.join(', ')}`;
    })
    .join('\n');
}

export function evidenceText({ step, status, acceptedBy, attempts, log }: StepEvidence): string {
  const accepted = acceptedBy === null ? '' : `, accepted by ${acceptedBy}`;
  return [
    `${step}: ${status}${accepted}`,
    ...attempts.flatMap(attemptText),
    ...(log === '' ? [] : ['log:', log.trimEnd()]),
  ].join('\n');
}

function attemptText({
  attempt,
  performed,
  judgements,
  reason,
}: StepEvidence['attempts'][number]): readonly string[] {
  const code = performed === null || performed.exitCode === null ? '' : `, exit code ${performed.exitCode}`;
  const how = performed === null ? '' : `: ${performed.ended} in ${performed.durationMs} ms${code}`;
  return [
    `attempt ${attempt}${how}`,
    ...judgements.flatMap(({ outcome, label, text, seen }) => {
      const digest = seen.digest === null ? '' : ` (${seen.digest})`;
      const line = `${[label, text].filter(Boolean).join(' ')} → ${seen.observed}${digest}`;
      return wrapped(line, { head: `  ${outcome.padEnd(10)}`, indent: ' '.repeat(12) });
    }),
    ...(reason === null ? [] : wrapped(reason, { head: '  → ', indent: '    ' })),
  ];
}

export function exportedText({ files, ticked }: ExportedState, dryRun: boolean): string {
  const would = dryRun ? 'would be ' : '';
  const lines = [
    ...files.map(({ path, changed }) => `${path}  ${changed ? `${would}written` : 'says the same already'}`),
    ...files.flatMap(({ path, contradictions }) =>
      contradictions.flatMap((one) =>
        wrapped(`${path} said "${one.says}" at ${one.path}, but ${one.journal}`, {
          head: 'contradiction: ',
          indent: '  ',
        }),
      ),
    ),
    ...ticked.flatMap(({ document, artifacts }) =>
      artifacts.map((path) => `${document}  ${path} ${would}ticked`),
    ),
  ];
  return lines.length === 0 ? 'No state file is there, and no document speaks of one.' : lines.join('\n');
}

/** What a person reads when a run goes on by changed files. */
export function renewedText({ files, bound, reworked }: Renewed): string {
  const short = (digest: string | null) => (digest === null ? 'new' : digest.slice(0, 19));
  const steps = [...reworked, ...bound];
  const named = `${steps.slice(0, 8).join(', ')}${steps.length > 8 ? ` and ${steps.length - 8} more` : ''}`;
  const told = steps.length === 0 ? 'It asks for the same work.' : `New from here on: ${named}.`;
  const kept =
    reworked.length === 0
      ? ' What was verified stays verified.'
      : ' What was verified and reads the same stays so.';
  return [
    ...files.flatMap(({ path, from, to }) =>
      wrapped(`${path} was changed (${short(from)} → ${short(to)}).`, { head: '', indent: '  ' }),
    ),
    ...wrapped(`${told}${kept}`, { head: '', indent: '  ' }),
  ].join('\n');
}
