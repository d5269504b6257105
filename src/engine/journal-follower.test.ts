import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NewEvent, Range } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { JournalFollower } from './journal-follower.ts';

const measured: NewEvent = { type: 'BatchRecorded', data: {}, at: 1, actor: 'controller' };
const begun: NewEvent = { type: 'RolloutRequested', data: {}, at: 1, actor: 'ada' };

/** A follower of a journal that gets `events` more each time that `more` is called, and what it took and read. */
function world() {
  const journal = new MemoryJournal();
  const taken: number[] = [];
  const ranges: Range[] = [];
  const follower = new JournalFollower({
    types: ['RolloutRequested'],
    place: 'sequence',
    read: (range) => {
      ranges.push(range);
      return journal.readAll(range);
    },
    take: ({ type, sequence }) => {
      if (type === 'RolloutRequested') taken.push(sequence);
    },
  });
  let version = 0;
  const more = async (events: readonly NewEvent[]) => {
    await journal.append('target/web@production', version, events);
    version += events.length;
  };
  return { journal, follower, taken, ranges, more };
}

describe('who follows a journal', () => {
  it('reads whole pages without what nobody asked for', async () => {
    const { follower, taken, ranges, more } = world();
    for (const page of [1, 2, 3])
      await more([begun, ...Array<NewEvent>(1_999).fill(measured), begun].slice(0, 2_000 - page));
    await follower.catchUp();
    assert.deepEqual(taken, [1, 2_000, 3_998]);
    const wide = ranges.filter(({ limit }) => limit > 1);
    assert.deepEqual(
      wide.map(({ types }) => types !== undefined),
      [true, true, false],
    );
  });

  it('takes each event once and in order, whoever asks meanwhile, and however it comes', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.boolean(), async (parts, subscribed) => {
        const { journal, follower, taken, more } = world();
        if (subscribed) journal.subscribe((event) => follower.offer(event));
        const asked: Promise<void>[] = [];
        for (const length of parts) {
          const events = Array.from({ length }, (_, index) => (index % 7 === 0 ? begun : measured));
          const appended = more(events);
          asked.push(follower.catchUp(), follower.catchUp());
          await appended;
        }
        await Promise.all([...asked, follower.catchUp()]);
        const all = await journal.readAll({ after: 0, limit: 20_000, types: ['RolloutRequested'] });
        assert.deepEqual(
          taken,
          all.map(({ sequence }) => sequence),
        );
      }),
      { numRuns: 15 },
    );
  });

  it('takes none twice when one could not be taken', async () => {
    const { journal, taken, more } = world();
    await more([begun, begun, begun]);
    let fails = true;
    const follower = new JournalFollower({
      types: ['RolloutRequested'],
      place: 'sequence',
      read: (range) => journal.readAll(range),
      take: ({ sequence }) => {
        if (sequence === 2 && fails) throw new Error('not now');
        taken.push(sequence);
      },
    });
    await assert.rejects(follower.catchUp(), /not now/);
    fails = false;
    await follower.catchUp();
    assert.deepEqual(taken, [1, 2, 3]);
  });

  it('reads on after a reading that failed', async () => {
    const { journal, follower, taken, more } = world();
    await more([begun, measured, begun]);
    const { readAll } = journal;
    journal.readAll = () => Promise.reject(new Error('the disk is away'));
    await assert.rejects(follower.catchUp(), /the disk is away/);
    journal.readAll = readAll;
    await follower.catchUp();
    assert.deepEqual(taken, [1, 3]);
  });
});
