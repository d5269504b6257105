import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRules, comparisonText } from './compare-rules.ts';
import type { RolloutStory } from './rollout-story.ts';

/** A rollout whose candidate answered 10 requests a second, of which `bad` failed, for `seconds`. */
function story(
  seconds: number,
  bad: number,
  { back = true, shielded = 0, endedAt = 2_000_000 as number | null } = {},
): RolloutStory {
  const arm = { clientErrors: 0, latency: [], abandoned: [] };
  const batches = Array.from({ length: seconds + 1 }, (_, second) => ({
    type: 'BatchRecorded',
    batch: {
      atMs: 1_000_000 + 1_000 * second,
      epoch: 'e',
      baseline: false,
      instances: [
        { instance: 's', arm: 'stable', requests: 190, bad: 0, ...arm },
        ...(second === 0 ? [] : [{ instance: 'c', arm: 'candidate', requests: 10, bad, shielded, ...arm }]),
      ],
    },
  }));
  const events = [...batches, ...(back ? [{ type: 'GoingBackStarted' }] : [])];
  const plan = { analysis: { triggers: { errorRate: 0.05 } } };
  return { rollout: 'R-1', release: { version: '2.0.0' }, plan, events, endedAt } as unknown as RolloutStory;
}

describe('other rules on the same traffic', () => {
  it('would have harmed more users for longer', () => {
    const [own, fixed, look] = compareRules(story(3, 2)) ?? [];
    assert.deepEqual(own, { rule: 'Sluice', takenBackAfterMs: 3_000, harmed: 6, estimated: false });
    assert.equal(fixed?.takenBackAfterMs, 20_000);
    assert.equal(fixed?.harmed, 40);
    assert.equal(look?.takenBackAfterMs, 3_600_000);
    assert.equal(look?.harmed, 7_200);
    assert.ok(fixed?.estimated && look?.estimated);
  });

  it('are counted, and not estimated, as far as the traffic reaches', () => {
    const [, fixed] = compareRules(story(45, 2)) ?? [];
    assert.deepEqual([fixed?.takenBackAfterMs, fixed?.harmed, fixed?.estimated], [20_000, 40, false]);
  });

  it('never see what stays below their threshold', () => {
    const slow = story(60, 0, { back: false });
    for (const { takenBackAfterMs, harmed } of compareRules(slow) ?? []) {
      assert.deepEqual([takenBackAfterMs, harmed], [null, 0]);
    }
  });

  it('have no shield', () => {
    const [own, fixed] = compareRules(story(3, 2, { shielded: 2 })) ?? [];
    assert.deepEqual([own?.harmed, fixed?.harmed], [0, 40]);
    assert.match(comparisonText(story(3, 2, { shielded: 2 })), /shield answered 6 more failures/);
  });

  it('are told as people tell times and amounts, with what is estimated and what is not over', () => {
    const over = comparisonText(story(94, 2));
    assert.match(over, /\| Sluice \| after 1m34s \| 188 \|/);
    assert.match(over, /^"about": /m);
    assert.doesNotMatch(over, /still running/);
    const running = comparisonText(story(30, 0, { back: false, endedAt: null }));
    assert.doesNotMatch(running, /about/);
    assert.match(running, /still running/);
  });

  it('have nothing to compare where users never met the candidate', () => {
    assert.equal(compareRules(story(0, 0)), null);
    assert.match(comparisonText(story(0, 0)), /nothing to compare/);
  });
});
