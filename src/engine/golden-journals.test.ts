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
  canary: 'sha256:904b0ca96293763790d2846c77af8ce0506682ebee8c53479e739a35f9168d3c',
  'blue-green': 'sha256:ca835bb05690cc37ad3486892b022d201c5a0c4879c80c81dbef7a4114520d80',
  rolling: 'sha256:6ce12d44cc7775203caa4ce836e61d138eb6c05fc5c308d35ecf5a879695ee42',
  ab: 'sha256:ae118921177aa25963447fdced9791e2252406e0e44b603865564674f45f308e',
  recreate: 'sha256:9596cc5900c5afc5e90c12f317f5f089a01724d2974be8c4aedd523aa5fade53',
  rollback: 'sha256:fa28e65f4a93c424a1e2b37ccf5e850dc780beb793013409e2e350bfb65bfdc7',
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
