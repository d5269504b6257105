import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { digestOfJson } from '../base/digest.ts';
import { parseTargetId } from '../base/ids.ts';
import type { NewEvent } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { evolve } from '../rollout/evolve.ts';
import { pendingActions } from '../rollout/pending-actions.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import { TargetLoop } from './target-loop.ts';

const target = parseTargetId('web@production');

/**
 * Journals as version 0.1 writes them, batches and all, each of one seed of the simulator (`--seed N --journal`), by the
 * digest of the state that they come to. They are never recorded anew: whoever runs Sluice has such journals.
 */
const golden = {
  canary: 'sha256:684052420c9a1dafa88f49d8c96ac270ee7aeabf26df397c45e43868fdbae836',
  'blue-green': 'sha256:e43c60eee21f93db3209c554a79734e19c9e95bcd50d433bca5d58862cef61be',
  rolling: 'sha256:71a3df64766d90fdb813346300a4c107d23c49a7e0f6f4b2cb9c01e21d1fd120',
  ab: 'sha256:dc1d7b2da426a629f821ce4ddfed60ad88f9b78edafa283ef399417d64284d1b',
  recreate: 'sha256:b2cc9c52023ed85c8cffa38a6f88a8f6b9639502c5e79346222cec2a6c21f6cf',
  rollback: 'sha256:78f9b84b6e8b733affd8f3beb9bf01baa328d7b49e67b8a0f36f5bf1eb88471f',
} as const;

describe('a journal of version 0.1', () => {
  for (const [name, digest] of Object.entries(golden)) {
    it(`is folded to the state that it had: ${name}`, async () => {
      assert.equal(
        digestOfJson(await opened(read(name))),
        digest,
        'Old journals must keep their meaning. Where the state itself has another shape now, put the new digest here and raise `schema` in target-snapshot.ts.',
      );
    });

    it(`tells at each of its events what is to be done next: ${name}`, () => {
      let state = emptyTarget(target);
      for (const { type, data } of read(name)) {
        state = evolve(state, { type, ...(data as object) } as RolloutEvent);
        const ids = pendingActions(state).map(({ id }) => id);
        assert.equal(new Set(ids).size, ids.length);
      }
      assert.equal(state.rollout, null);
      assert.notEqual(state.stable, null);
    });
  }
});

function read(name: string): readonly NewEvent[] {
  const text = readFileSync(join(import.meta.dirname, `fixtures/journals-0.1/${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NewEvent);
}

/** As a controller that starts has it. */
async function opened(events: readonly NewEvent[]): Promise<TargetState> {
  const journal = new MemoryJournal();
  await journal.append('target/web@production', 0, events);
  const perform = () => new Promise<never>(() => {});
  const lease = { name: 'controller', fence: 1 };
  const loop = new TargetLoop({ target, journal, clock: systemClock, perform, lease });
  await loop.open();
  await loop.close();
  return loop.state;
}
