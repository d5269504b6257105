import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTargetId, type RolloutId } from '../base/ids.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { readStories } from './read-stories.ts';
import { ReportIndex } from './report-index.ts';

const stream = 'target/web@production';

/** Four rollouts, the third back to the second and the fourth back to the third, each with something between. */
async function written(): Promise<MemoryJournal> {
  const journal = new MemoryJournal();
  const backTo: Record<number, string> = { 3: 'R-2', 4: 'R-3' };
  let version = 0;
  for (const number of [1, 2, 3, 4]) {
    const rollout = `R-${number}`;
    const back = backTo[number];
    const entries = [
      {
        type: 'RolloutRequested',
        data: { rollout, unit: `U-${number}`, by: 'ada', ...(back && { backTo: back }) },
      },
      { type: 'VerificationFailed', data: { gates: [] } },
      { type: 'RolloutEnded', data: { ending: 'refused', reason: null, at: number } },
      { type: 'StandbyExpired', data: { rollout: 'R-0' } },
    ].map((entry) => ({ ...entry, at: number, actor: 'ada' }));
    await journal.append(stream, version, entries);
    version += entries.length;
    await journal.append('outbox', number - 1, [
      { type: 'DeliveryGivenUp', data: {}, at: number, actor: 'x' },
    ]);
  }
  return journal;
}

describe('the index of reports', () => {
  it('tells each rollout as reading the whole stream does', async () => {
    const journal = await written();
    const index = new ReportIndex(journal);
    const all = await readStories(journal, parseTargetId('web@production'));
    assert.equal(all.length, 4);
    for (const story of all) assert.deepEqual(await index.story(story.rollout), story);
    assert.equal((await index.story('R-4' as RolloutId))?.before?.before?.rollout, 'R-2');
  });

  it('finds the rollout that an event belongs to', async () => {
    const journal = await written();
    const index = new ReportIndex(journal);
    for (const event of await journal.read(stream)) {
      const story = await index.storyAt(event);
      assert.equal(story?.rollout, `R-${Math.ceil(event.version / 4)}`);
    }
  });

  it('knows what was written after it was asked', async () => {
    const journal = new MemoryJournal();
    const index = new ReportIndex(journal);
    assert.equal(await index.story('R-1' as RolloutId), null);
    const data = { rollout: 'R-1', unit: 'U-1', by: 'ada' };
    await journal.append(stream, 0, [{ type: 'RolloutRequested', data, at: 1, actor: 'ada' }]);
    const [name, story] = await Promise.all([
      index.nameOf('R-1' as RolloutId),
      index.story('R-1' as RolloutId),
    ]);
    assert.deepEqual([name, story?.unit], ['U-1', 'U-1']);
  });

  it('tells a rollout as it was at an event, with the call that the end itself brought', async () => {
    const journal = new MemoryJournal();
    const index = new ReportIndex(journal);
    const types = ['RolloutRequested', 'VerificationFailed', 'RolloutEnded', 'Escalated', 'StandbyExpired'];
    const data = { rollout: 'R-1', unit: 'U-1', by: 'ada', gates: [], ending: 'refused', at: 1 };
    const events = types.map((type) => ({ type, data, at: 1, actor: 'ada' }));
    await journal.append(stream, 0, events);
    const seen = async (version: number) =>
      (await index.storyAt({ stream, version }))?.events.map(({ type }) => type);
    assert.deepEqual(await seen(1), types.slice(0, 2));
    assert.deepEqual(await seen(3), types.slice(0, 4));
  });

  it('reads nothing again that came while it knew all there was', async () => {
    const journal = await written();
    const index = new ReportIndex(journal);
    await index.nameOf('R-1' as RolloutId);
    const read: number[] = [];
    const { readAll } = journal;
    journal.readAll = (options) => {
      read.push(options.after);
      return readAll.call(journal, options);
    };
    const data = { rollout: 'R-5', unit: 'U-5', by: 'ada' };
    const { kind } = await journal.append(stream, 16, [
      { type: 'RolloutRequested', data, at: 5, actor: 'ada' },
    ]);
    assert.equal(kind, 'appended');
    assert.equal(await index.nameOf('R-5' as RolloutId), 'U-5');
    assert.ok(read.every((after) => after >= 21));
  });
});
