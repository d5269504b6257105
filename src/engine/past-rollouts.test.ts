import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseTargetId, targetId } from '../base/ids.ts';
import type { NewEvent } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { PastRollouts } from './past-rollouts.ts';
import { readStories } from './read-stories.ts';

const target = parseTargetId('web@production');
const stream = `target/${targetId(target)}`;
const journals = join(import.meta.dirname, 'fixtures/journals-0.1');

describe('the past rollouts of a target', () => {
  for (const name of readdirSync(journals)) {
    it(`are those that its stories tell, however often they are asked for: ${name}`, async () => {
      const events = readFileSync(join(journals, name), 'utf8').trim().split('\n');
      const journal = new MemoryJournal();
      const past = new PastRollouts(journal);
      for (const [version, line] of events.entries()) {
        await journal.append(stream, version, [JSON.parse(line) as NewEvent]);
        if (version % 50 === 0) assert.deepEqual(await past.of(target), await told(journal));
      }
      const all = await past.of(target);
      assert.deepEqual(all, await told(journal));
      assert.ok(all.some(({ promoted }) => promoted));
    });
  }
});

async function told(journal: MemoryJournal) {
  return (await readStories(journal, target)).map(({ rollout, endedAt, release, events }) => ({
    rollout,
    endedAt,
    artifact: release?.artifact ?? null,
    promoted: events.some(({ type }) => type === 'ReleasePromoted'),
  }));
}
