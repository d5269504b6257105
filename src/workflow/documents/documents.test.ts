import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryGroup, memoryNode, memoryPlan } from '../plan/memory-plan.ts';
import type { RunCommand } from '../run/command.ts';
import { memoryRun } from '../run/memory-run.ts';
import type { WorkflowRun } from '../run/state.ts';
import { escalationText } from './escalation-text.ts';
import { junitText } from './junit-text.ts';
import { runReport } from './run-report.ts';

const group = memoryGroup('S-1', {
  title: 'Walls <& doors>',
  failure: { actions: ['escalate'], to: '@lead', text: 'ESCALATE_TO_HUMAN (@lead) with wall logs' },
  agents: ['@builder-agent'],
});

function node(id: string) {
  const exit = { label: 'Exit Code', kind: 'exit-code', text: '0' } as const;
  const criterion = { ...exit, id: '1', test: { kind: 'exit-code', codes: [0] }, proves: true } as const;
  return memoryNode(id, { command: `Do ${id}`, criteria: [criterion] });
}

const plan = memoryPlan(
  [group, { ...group, id: 'S-2', needs: [{ on: 'S-1', condition: 'succeeded' }] }],
  [node('S-1-1'), node('S-1-2')],
);

/** The first step succeeds, the second one ends with exit code 3. */
function failed(): WorkflowRun {
  const performed = { excerpt: '', log: null, durationMs: 5, usage: null, tampered: [] };
  const seen = { digest: null, excerpt: '', path: null, at: 2_000 };
  const step = (id: string, exitCode: number): RunCommand[] => {
    const ended = exitCode === 0 ? ('done' as const) : ('failed' as const);
    const holds = exitCode === 0;
    const observed = `exit code ${exitCode}`;
    const outcome = holds ? ('holds' as const) : ('fails' as const);
    const base = { at: 2_000, by: 'controller', step: id, attempt: 1 };
    return [
      { ...base, type: 'RecordPerformed', performed: { ...performed, ended, exitCode } },
      {
        ...base,
        type: 'RecordJudged',
        judgements: [{ criterion: '1', outcome, seen: { ...seen, holds, observed, exitCode } }],
      },
    ];
  };
  const escalated = { type: 'RecordEscalated', group: 'S-1', file: 'x.md' } as const;
  return memoryRun(plan, ...step('S-1-1', 0), ...step('S-1-2', 3), {
    ...escalated,
    at: 3_000,
    by: 'controller',
  });
}

describe('the documents of a run', () => {
  it('escalate in the format of the operator prompt, with every line of it', () => {
    const text = escalationText(failed(), group, { at: 3_000, log: 'no nails\n' });
    for (const label of [
      'Agent',
      'Unit ID',
      'Severity',
      'Issue',
      'Impact',
      'Actions Taken',
      'Current Status',
      'Help Needed',
      'Contacts Notified',
    ])
      assert.match(text, new RegExp(`^- \\*\\*${label}:\\*\\*`, 'm'), label);
    assert.match(text, /\*\*Unit ID:\*\* S-1-2\n/);
    assert.match(text, /\*\*Issue:\*\* Do S-1-2: Exit Code 0: exit code 3\n/);
    assert.match(text, /\*\*Impact:\*\* S-2 cannot begin\n/);
    assert.match(text, /```\nno nails\n```/);
  });

  it('report each step with what was seen of it', () => {
    const text = runReport(failed());
    assert.match(text, /1 SUCCEEDED, 1 ESCALATED/);
    assert.match(text, /\*\*ESCALATED\*\* S-1-2: Do S-1-2\n {2}- Why: Exit Code 0: exit code 3/);
    assert.match(text, /holds: Exit Code 0 → exit code 0, 1970-01-01T00:00:02\.000Z/);
  });

  it('give build servers well-formed XML in which nothing unproven has passed', () => {
    const text = junitText(failed());
    assert.match(text, /name="S-1 Walls &lt;&amp; doors&gt;" tests="2" failures="1" skipped="0"/);
    assert.match(text, /<failure type="ESCALATED" message="Exit Code 0: exit code 3"\/>/);
  });
});
