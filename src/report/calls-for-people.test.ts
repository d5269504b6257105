import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { GateResult } from '../rollout/gate.ts';
import type { Occasion } from '../rollout/occasion.ts';
import { bugReport, failureOf, findingOf, type IncidentEvent } from './bug-report.ts';
import { type EscalatedEvent, escalationText } from './escalation-text.ts';
import { MemoryWorld, worldWithStable } from './memory-world.ts';
import { qaReturn, returnedGates } from './qa-return.ts';
import type { RolloutStory } from './rollout-story.ts';

const links = { report: '01-Projects/shop/Deployments/Deploy-U-42', plan: '.sluice/plans/Plan-U-42.md' };
const bad = { unit: 'U-42', version: '1.2.0', badShare: 0.03 };

function escalated(story: RolloutStory): EscalatedEvent {
  const found = story.events.find((event) => event.type === 'Escalated');
  assert.ok(found?.type === 'Escalated');
  return found;
}

function incidentOf(world: MemoryWorld): IncidentEvent {
  const found = world.events.findLast((event) => event.type === 'IncidentOpened');
  assert.ok(found?.type === 'IncidentOpened');
  return found;
}

function frontmatterOf(text: string): Record<string, unknown> {
  return parse(text.split('---\n')[1] ?? '') as Record<string, unknown>;
}

describe('an escalation', () => {
  const keys = [
    'Agent',
    'Unit ID',
    'Severity',
    'Issue',
    'Impact',
    'Actions Taken',
    'Current Status',
    'Help Needed',
    'Contacts Notified',
  ];

  it('has the form of the operator, with figures and what was done', () => {
    const story = worldWithStable().deploy({ ...bad, restored: false });
    const text = escalationText(escalated(story), story, 'INC-R-2');
    assert.equal(text.split('\n')[0], '## Escalation Request');
    assert.deepEqual(
      [...text.matchAll(/^- \*\*(.+?):\*\*/gm)].map(([, key]) => key),
      keys,
    );
  });

  it('asks for something else on each of the five occasions', () => {
    const story = worldWithStable().deploy({ ...bad, restored: false });
    const occasions: readonly Occasion[] = [
      'outage',
      'rollback-failed',
      'vulnerability',
      'data-integrity',
      'not-restored',
    ];
    const asked = occasions.map((occasion) => {
      const text = escalationText({ ...escalated(story), occasion }, story);
      return /\*\*Help Needed:\*\* (.*)/.exec(text)?.[1];
    });
    assert.equal(new Set(asked).size, 5);
  });

  it('says of a first release that failed that users see the maintenance page', () => {
    const story = new MemoryWorld().deploy({ unit: 'U-40', version: '1.0.0', badShare: 0.3 });
    const text = escalationText(escalated(story), story);
    assert.match(
      text,
      /\*\*Impact:\*\* Users of web in production see the maintenance page\. 1\.0\.0 answered \d+/,
    );
    assert.match(text, /serving: nothing/);
  });

  it('tells nothing that came after it', () => {
    const story = worldWithStable().deploy({ ...bad, restored: false });
    assert.doesNotMatch(escalationText(escalated(story), story), /Deployment ended/);
  });

  it('holds together whatever an issue says', () => {
    const story = worldWithStable().deploy({ ...bad, restored: false });
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\n', '#', '*', '-', ':', '`', ' ', 'a') }), (issue) => {
        const text = escalationText({ ...escalated(story), issue }, story);
        assert.equal([...text.matchAll(/^- \*\*(.+?):\*\*/gm)].length, keys.length);
      }),
    );
  });
});

describe('a bug report', () => {
  it('has severity, evidence and the context of the deployment', () => {
    const world = worldWithStable();
    const story = world.deploy(bad);
    const text = bugReport(findingOf(incidentOf(world)), story, links);
    const head = frontmatterOf(text);
    assert.equal(head.severity, 'high');
    assert.equal(head.unit_id, 'U-42');
    assert.match(String(head.commit), /^[0-9a-f]{40}$/);
    assert.match(text, /Bad requests of candidate: .* \(.* to .*\), \d+ of \d+/);
    assert.match(text, /kept under \.sluice\/evidence\/R-2/);
  });

  it('is written too when the candidate failed before users met it, and says that nothing is blocked', () => {
    const story = worldWithStable().deploy({ unit: 'U-44', version: '1.4.0', smoke: false });
    assert.equal(story.ending, 'failed');
    const text = bugReport(failureOf(story), story, links);
    assert.equal(frontmatterOf(text).severity, 'medium');
    assert.match(text, /^- \*\*Blocks:\*\* nothing, as users never met it$/m);
    assert.doesNotMatch(text, /fixes:/);
  });

  it('tells who found what after a success', () => {
    const world = worldWithStable();
    const story = world.stories.at(-1) as RolloutStory;
    world.now += 3_600_000;
    world.tell({ type: 'OpenIncident', signal: 'security', title: 'cart | leaks\naddresses' }, 'eve');
    const text = bugReport(findingOf(incidentOf(world)), story, links);
    assert.match(text, /told by eve \(security\), after the rollout ended succeeded/);
    assert.equal(frontmatterOf(text).severity, 'critical');
  });
});

describe('a return to QA', () => {
  const gate = (name: string, observed: string): GateResult => ({
    gate: name,
    holds: false,
    onFailure: 'block',
    required: 'an approval',
    observed,
    remedy: 'Ask QA for a report on exactly this artifact.',
  });
  const refused = (...gates: readonly GateResult[]) =>
    worldWithStable().deploy({ unit: 'U-43', version: '1.3.0', gates });

  it('is addressed to QA and says exactly what is needed', () => {
    const text = qaReturn(refused(gate('qa-approved', 'status: rejected, written by quinn')));
    const { to, status, reason } = frontmatterOf(text);
    assert.deepEqual({ to, status, reason }, { to: 'QA', status: 'returned', reason: 'rejected' });
  });

  it('names why an approval does not count', () => {
    const rows: readonly (readonly [GateResult, string])[] = [
      [gate('qa-report', 'QA/QA-Report-U-43.md is not there'), 'missing'],
      [gate('qa-report', 'QA/QA-Report-U-43.md: no frontmatter'), 'unreadable'],
      [gate('qa-fresh', '40.0 days old'), 'stale'],
      [gate('qa-artifact', 'the report approves sha256:0'), 'foreign'],
      [gate('qa-unit', 'it says U-9'), 'foreign'],
      [gate('qa-bugs', 'blocking bugs: 1'), 'contradicted'],
    ];
    for (const [failed, reason] of rows) {
      assert.equal(frontmatterOf(qaReturn(refused(failed))).reason, reason);
    }
  });

  it('is not written when QA is not what the unit waits for', () => {
    assert.deepEqual(returnedGates(refused(gate('window', 'outside'))), []);
  });
});
