import { systemClock } from '../src/base/clock.ts';
import { parseTargetId } from '../src/base/ids.ts';
import { TargetLoop } from '../src/engine/target-loop.ts';
import { openSqliteJournal } from '../src/journal/sqlite-journal.ts';

/** What a controller needs before it can decide anything. */
export interface Opening {
  readonly events: number;
  /** Until the journal is open, ms. */
  readonly journalMs: number;
  /** Until the state of every target is known too, ms. */
  readonly openMs: number;
  readonly rssMb: number;
}

const [directory = ''] = process.argv.slice(2);
const begun = performance.now();
const journal = await openSqliteJournal({ directory });
const journalMs = performance.now() - begun;
for (const stream of await journal.streams()) {
  const loop = new TargetLoop({
    target: parseTargetId(stream.slice('target/'.length)),
    journal,
    clock: systemClock,
    lease: { name: 'controller', fence: 1 },
    // Only what is known is asked here: nothing is done.
    perform: () => new Promise(() => {}),
  });
  await loop.open();
  await loop.close();
}
const openMs = performance.now() - begun;
const { sequence: events } = (await journal.head()) ?? { sequence: 0 };
await journal.close();
const opening: Opening = { events, journalMs, openMs, rssMb: process.memoryUsage.rss() / 2 ** 20 };
console.log(JSON.stringify(opening));
