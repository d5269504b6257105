import { indexOf } from '../run/plan-index.ts';
import type { StepState, WorkflowRun } from '../run/state.ts';
import { statusOf } from '../run/status-of.ts';

/** A run as JUnit XML, which build servers read: a suite for each subtask, a case for each step. */
export function junitText(run: WorkflowRun): string {
  const groups = run.plan?.groups.filter(({ kind }) => kind === 'subtask') ?? [];
  const suites = groups.map(({ id, title }) => {
    const nodes = run.plan === null ? [] : (indexOf(run.plan).steps.get(id) ?? []);
    const cases = nodes.map((node) => caseOf(run, node.id, node.command, id));
    const count = (what: string) => cases.filter((text) => text.includes(`<${what}`)).length;
    const counts = `tests="${nodes.length}" failures="${count('failure')}" skipped="${count('skipped')}"`;
    const name = title === null ? id : `${id} ${title}`;
    return `  <testsuite name="${escaped(name)}" ${counts}>\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(run.run)}">\n${suites.join('')}</testsuites>\n`;
}

/** What is not proven has not passed. */
function caseOf(run: WorkflowRun, id: string, command: string, group: string): string {
  const step = run.steps.get(id);
  const status = statusOf(run, id);
  const open = `    <testcase classname="${escaped(group)}" name="${escaped(`${id} ${command}`)}" time="${secondsOf(step)}"`;
  if (status === 'SUCCEEDED') {
    const by = step?.acceptedBy ?? null;
    return by === null
      ? `${open}/>\n`
      : `${open}>\n      <system-out>${escaped(`accepted by ${by}: ${step?.reason ?? ''}`)}</system-out>\n    </testcase>\n`;
  }
  const reason = escaped(step?.reason ?? status);
  const body =
    status === 'SKIPPED' || status === 'PENDING' || status === 'READY'
      ? `<skipped message="${reason}"/>`
      : `<failure type="${status}" message="${reason}"/>`;
  return `${open}>\n      ${body}\n    </testcase>\n`;
}

function secondsOf(step: StepState | undefined): string {
  const { startedAt = null, endedAt = null } = step ?? {};
  return startedAt === null || endedAt === null ? '0' : (Math.max(0, endedAt - startedAt) / 1000).toFixed(3);
}

function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // XML has no way to write the others.
      .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
      .replaceAll('\n', '&#10;')
  );
}
