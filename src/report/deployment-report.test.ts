import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { GateResult } from '../rollout/gate.ts';
import { deploymentReport } from './deployment-report.ts';
import { MemoryWorld, worldWithStable } from './memory-world.ts';
import { type RolloutStory, storiesOf, type ToldEvent } from './rollout-story.ts';

const promoted = () => worldWithStable().deploy({ unit: 'U-41', version: '1.1.0' });
const rolledBack = () => worldWithStable().deploy({ unit: 'U-42', version: '1.2.0', badShare: 0.03 });
const unapproved: GateResult = {
  gate: 'qa-approved',
  holds: false,
  onFailure: 'block',
  required: 'status: approved',
  observed: 'status: rejected, written by quinn',
  remedy: 'Ask QA for a report on exactly this artifact.',
};
const refused = () => worldWithStable().deploy({ unit: 'U-43', version: '1.3.0', gates: [unapproved] });

function section(report: string, title: string): string {
  return report.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
}

function criterion(report: string, name: string): string | undefined {
  const line = section(report, 'Success Criteria')
    .split('\n')
    .find((one) => one.startsWith(`| **${name}**`));
  return line?.split(' | ').at(-1)?.replace(' |', '');
}

function frontmatterOf(report: string): Record<string, unknown> {
  return parse(report.split('---\n')[1] ?? '') as Record<string, unknown>;
}

/** Cells of a row, cut where a table is cut: at bars that no backslash escapes. */
function cells(line: string): number {
  return line.replaceAll(/\\[\\|]/g, '').split('|').length - 2;
}

describe('the deployment report', () => {
  it('has the same bytes when the stream is folded again', () => {
    const world = worldWithStable();
    const story = world.deploy({ unit: 'U-42', version: '1.2.0', badShare: 0.03 });
    const kept = JSON.parse(JSON.stringify(world.events)) as ToldEvent[];
    const again = storiesOf(story.target, kept).at(-1) as RolloutStory;
    assert.equal(deploymentReport(again), deploymentReport(story));
  });

  it('does not change by what happens after the end', () => {
    const world = worldWithStable();
    const story = world.deploy({ unit: 'U-41', version: '1.1.0' });
    const before = deploymentReport(story);
    world.now += 60_000;
    world.tell({ type: 'OpenIncident', signal: 'security', title: 'a hole' }, 'eve');
    assert.equal(deploymentReport(world.stories.at(-1) as RolloutStory), before);
  });

  it('has frontmatter with the keys of the operator, quoted', () => {
    const report = deploymentReport(promoted());
    assert.deepEqual(Object.keys(frontmatterOf(report)), [
      'tags',
      'unit_id',
      'project',
      'status',
      'deployed',
      'links',
    ]);
    assert.match(report, /^tags: \[deployment, release, agent\/devops\]$/m);
    assert.match(report, /^deployed: "2026-11-20 10:0\d"$/m);
    assert.match(report, /^ {2}qa_report: "\[\[QA\/QA-Report-U-41\]\]"$/m);
  });

  it('passes no criterion that nothing shows', () => {
    const bad = deploymentReport(rolledBack());
    assert.deepEqual(
      ['Approval', 'Execution', 'Stability', 'Reversibility'].map((name) => criterion(bad, name)),
      ['PASS', 'FAIL', 'FAIL', 'PASS'],
    );
    const out = deploymentReport(refused());
    assert.deepEqual(
      ['Approval', 'Execution', 'Health', 'Stability', 'Performance'].map((name) => criterion(out, name)),
      ['FAIL', 'FAIL', 'NOT VERIFIED', 'NOT VERIFIED', 'NOT VERIFIED'],
    );
    const smoke = deploymentReport(
      worldWithStable().deploy({ unit: 'U-44', version: '1.4.0', smoke: false }),
    );
    assert.equal(criterion(smoke, 'Health'), 'FAIL');
    const first = deploymentReport(new MemoryWorld().deploy({ unit: 'U-40', version: '1.0.0' }));
    assert.equal(criterion(first, 'Reversibility'), 'FAIL');
    assert.match(first, /a first release: nothing to compare with and no way back/);
  });

  it('says when the way back did not reach the old level', () => {
    const story = worldWithStable().deploy({
      unit: 'U-45',
      version: '1.5.0',
      badShare: 0.2,
      restored: false,
    });
    const report = deploymentReport(story);
    assert.equal(criterion(report, 'Reversibility'), 'FAIL');
    assert.match(section(report, 'Issues Encountered'), /Escalated \(not-restored\)/);
    assert.match(section(report, 'Rollback Status'), /Verified: NO/);
  });

  it('names the winner of an A/B rollout, and nobody where the arms cannot be told apart', () => {
    const strategy = {
      kind: 'ab',
      match: [],
      weightPercent: 50,
      affinity: { kind: 'none' },
      durationMs: 60_000,
      goal: 'errors',
    } as const;
    const winner = (release: { badShare: number }, goal = 'errors') => {
      const world = new MemoryWorld();
      world.deploy({ unit: 'U-40', version: '1.0.0', badShare: 0.02 });
      const ab = { unit: 'U-46', version: '1.6.0', strategy: { ...strategy, goal }, ...release };
      return /^- Winner: (.*), because/m.exec(deploymentReport(world.deploy(ab)))?.[1];
    };
    assert.equal(winner({ badShare: 0.001 }), 'candidate (1.6.0)');
    assert.equal(winner({ badShare: 0.1 }), 'stable (1.0.0)');
    assert.equal(winner({ badShare: 0.02 }), 'no winner');
    assert.equal(winner({ badShare: 0.02 }, 'CPU per request'), 'stable (1.0.0)');
    assert.equal(winner({ badShare: 0.02 }, 'sales'), 'no winner');
    assert.doesNotMatch(deploymentReport(promoted()), /Winner/);
  });

  it('tells what somebody set aside, and why', () => {
    const incidents = { ids: ['INC-R-7'], reason: 'a | known *false* alarm' };
    const report = deploymentReport({ ...promoted(), waivers: { incidents, irreversible: true } });
    assert.match(report, /^- \*\*Overridden:\*\* INC-R-7, by ada: a \\\| known \\\*false\\\* alarm$/m);
    assert.match(report, /^- \*\*Accepted:\*\* a migration without a way down, by ada$/m);
  });

  it('claims no outcome while the rollout runs', () => {
    const world = worldWithStable();
    const { target, rollout } = world.deploy({ unit: 'U-41', version: '1.1.0' });
    const all = world.events;
    for (let length = 1; length <= all.length; length += 90) {
      const story = storiesOf(target, all.slice(0, length)).at(-1) as RolloutStory;
      const status = frontmatterOf(deploymentReport(story)).status;
      assert.equal(status, story.ending === null ? 'running' : 'success', `${rollout} at ${length}`);
    }
  });

  it('is told in the time zone that was recorded', () => {
    const world = new MemoryWorld({ timeZone: 'Asia/Kathmandu' });
    assert.match(
      deploymentReport(world.deploy({ unit: 'U-40', version: '1.0.0' })),
      /deployed: "2026-11-20 14:4\d"/,
    );
  });

  it('holds together whatever people write', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        '|',
        '\n',
        '\r',
        '`',
        '"',
        '\\',
        '#',
        '-',
        '[',
        ']',
        '<',
        '*',
        '_',
        ':',
        ' ',
        'a',
        '\u2028',
        '\u0007',
        '\ud800',
      ),
      maxLength: 12,
    });
    fc.assert(
      fc.property(hostile, hostile, hostile, (text, project, by) => {
        const world = new MemoryWorld({ project });
        const gate = { ...unapproved, observed: text, remedy: text, required: text };
        const story = world.deploy({ unit: 'U-1', version: text, gates: [gate] }, by);
        const report = deploymentReport(story);
        assert.equal(frontmatterOf(report).project, `[[01-Projects/${project}]]`);
        assert.deepEqual(
          report.split('\n').filter((line) => line.startsWith('# ') || line.startsWith('## ')).length,
          10,
        );
        for (const [title, columns] of [
          ['Pre-Deployment State', 4],
          ['Deployment Timeline', 3],
          ['Success Criteria', 4],
        ] as const) {
          const rows = section(report, title)
            .split('\n')
            .filter((line) => line.startsWith('|'));
          for (const line of rows) assert.equal(cells(line), columns, line);
        }
      }),
      { numRuns: 150 },
    );
  });
});
