import type { Journal, NewEvent } from '../src/journal/journal.ts';
import { openSqliteJournal } from '../src/journal/sqlite-journal.ts';
import { environmentName, listenOf } from './many-targets.ts';
import { finishedRollouts } from './rollout-events.ts';

/** `node fill-journal.ts <directory> <targets> <finished rollouts of each>` */
const [directory = '', targets = '0', each = '1'] = process.argv.slice(2);
const rollouts = Number(targets);
const journal = await openSqliteJournal({ directory });
await fill(journal, finishedRollouts(Number(each)));
await journal.close();

/** Each target has the same past under names of its own. */
async function fill(journal: Journal, past: readonly NewEvent[]): Promise<void> {
  const text = JSON.stringify(past);
  const append = (index: number) => {
    const own = text
      .replaceAll(/R-(\d+)/g, `R-${index}x$1`)
      .replaceAll('"production"', `"${environmentName(index)}"`)
      .replaceAll('127.0.0.1:8080', listenOf(index));
    return journal.append(`target/web@${environmentName(index)}`, 0, JSON.parse(own) as NewEvent[]);
  };
  for (let next = 0; next < rollouts; next += 100) {
    const some = Array.from({ length: Math.min(100, rollouts - next) }, (_, index) => append(next + index));
    await Promise.all(some);
  }
}
