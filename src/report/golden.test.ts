import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RolloutId } from '../base/ids.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Strategy } from '../rollout/strategy.ts';
import { bugReport, findingOf } from './bug-report.ts';
import { deploymentReport } from './deployment-report.ts';
import { escalationText } from './escalation-text.ts';
import { goodGates } from './memory-gates.ts';
import { MemoryWorld, type WorldRelease, worldWithStable } from './memory-world.ts';
import { planText } from './plan-text.ts';
import { qaReturn } from './qa-return.ts';
import type { ToldEvent } from './rollout-story.ts';

/** With `UPDATE_GOLDEN=1` in the environment the kept texts are written anew, for a person to read in the diff. */
const update = process.env.UPDATE_GOLDEN === '1';
const page = join(import.meta.dirname, '../../docs/reports.md');

const good = { unit: 'U-41', version: '1.1.0' };
const bad = { unit: 'U-42', version: '1.2.0', badShare: 0.03, shielded: true };
const mirroring: Strategy = {
  kind: 'canary',
  holdbackPercent: 5,
  steps: [
    { type: 'mirror', sharePercent: 10, bakeMs: 60_000, deadlineMs: 300_000 },
    { type: 'setWeight', weightPercent: 5 },
    { type: 'analyze', bakeMs: 20_000, deadlineMs: 300_000 },
  ],
};
const links = { report: '01-Projects/shop/Deployments/Deploy-U-42', plan: '.sluice/plans/Plan-U-42.md' };

function last<T extends ToldEvent['type']>(world: MemoryWorld, type: T): Extract<ToldEvent, { type: T }> {
  const found = world.events.findLast((event) => event.type === type);
  assert.ok(found !== undefined);
  return found as Extract<ToldEvent, { type: T }>;
}

function rejected(): WorldRelease {
  const gates = goodGates(new MemoryWorld().state, { unit: 'U-43', version: '1.3.0' }).filter(({ gate }) =>
    gate.startsWith('qa-'),
  );
  return {
    unit: 'U-43',
    version: '1.3.0',
    gates: gates.map(
      (gate): GateResult =>
        gate.gate === 'qa-approved'
          ? {
              ...gate,
              holds: false,
              observed: 'status: rejected, written by quinn',
              remedy: 'Ask QA for a report on exactly this artifact.',
            }
          : gate,
    ),
  };
}

const documents: Readonly<Record<string, () => string>> = {
  promoted: () => deploymentReport(worldWithStable().deploy(good)),
  'rolled-back': () => deploymentReport(worldWithStable().deploy(bad)),
  mirrored: () => deploymentReport(worldWithStable().deploy({ ...bad, badShare: 0.2, strategy: mirroring })),
  refused: () => deploymentReport(worldWithStable().deploy(rejected())),
  plan: () => {
    const world = worldWithStable();
    const plan = world.planOf('R-2' as RolloutId, good);
    return planText(plan, goodGates(world.state, good), world.paperwork);
  },
  escalation: () => {
    const world = worldWithStable();
    const story = world.deploy({ ...bad, restored: false });
    return escalationText(last(world, 'Escalated'), story, last(world, 'IncidentOpened').incident);
  },
  'bug-report': () => {
    const world = worldWithStable();
    const story = world.deploy(bad);
    return bugReport(findingOf(last(world, 'IncidentOpened')), story, links);
  },
  'qa-return': () => qaReturn(worldWithStable().deploy(rejected())),
};

/** The text of one example of the page, between its mark and the end of its fence. */
function example(name: string): RegExp {
  return new RegExp(`(<!-- golden: ${name} -->\\n\\n\`\`\`\`markdown\\n)([\\s\\S]*?)(\`\`\`\`\\n)`);
}

describe('the kept texts', () => {
  for (const [name, write] of Object.entries(documents)) {
    it(`hold ${name} to the byte`, () => {
      const path = join(import.meta.dirname, 'golden', `${name}.md`);
      const text = write();
      if (update) writeFileSync(path, text);
      assert.equal(text, readFileSync(path, 'utf8'));
    });
  }

  it('are the examples of docs/reports.md', () => {
    for (const [name, write] of Object.entries(documents)) {
      const text = readFileSync(page, 'utf8');
      if (update)
        writeFileSync(
          page,
          text.replace(example(name), (_, head, __, tail) => `${head}${write()}${tail}`),
        );
      const [, , shown] = example(name).exec(readFileSync(page, 'utf8')) ?? [];
      if (shown !== undefined) assert.equal(shown, write(), name);
    }
    const shown = [...readFileSync(page, 'utf8').matchAll(/<!-- golden: (\S+) -->/g)].map(([, name]) => name);
    assert.deepEqual(shown, ['plan', 'rolled-back', 'refused', 'escalation', 'bug-report', 'qa-return']);
  });
});
