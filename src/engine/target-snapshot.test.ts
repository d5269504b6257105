import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { digestOfJson } from '../base/digest.ts';
import { parseTargetId } from '../base/ids.ts';
import type { NewEvent } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { MemoryWorld } from '../report/memory-world.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import { evolve } from '../rollout/evolve.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import { TargetLoop } from './target-loop.ts';

const stream = 'target/web@production';
/** Four rollouts without their batches, as journals of version 0.1 hold them. */
const recorded = readFileSync(join(import.meta.dirname, 'fixtures/resting-target.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as NewEvent);

/** Tells from which version on it was read. */
class ToldJournal extends MemoryJournal {
  readonly reads: number[] = [];

  override read(name: string, options: { readonly after?: number; readonly limit?: number } = {}) {
    if (options.limit !== 1) this.reads.push(options.after ?? 0);
    return super.read(name, options);
  }
}

/** With incidents that come and go, so that there is enough to be worth a snapshot. */
async function filled(): Promise<ToldJournal> {
  const journal = new ToldJournal();
  const rollout = recorded[0]?.data as { readonly rollout: string };
  const signals = Array.from({ length: 250 }, (_, n): NewEvent[] => {
    const told = { incident: `I-${n}`, rollout: rollout.rollout, severity: 'high', title: 'slow', at: n };
    const entry = { at: n, actor: 'ada' };
    return [
      { type: 'IncidentOpened', data: told, ...entry },
      { type: 'IncidentResolved', data: { incident: `I-${n}`, by: 'ada', reason: 'ok', at: n }, ...entry },
    ];
  });
  await journal.append(stream, 0, [...recorded, ...signals.flat()]);
  return journal;
}

async function opened(journal: MemoryJournal, name = 'web@production'): Promise<TargetState> {
  const target = parseTargetId(name);
  const perform = () => new Promise<never>(() => {});
  const lease = { name: 'controller', fence: 1 };
  const loop = new TargetLoop({ target, journal, clock: systemClock, perform, lease });
  await loop.open();
  await loop.close();
  return loop.state;
}

describe('the snapshot of a target', () => {
  it('saves the next start from folding what it holds, and gives the same state', async () => {
    const journal = await filled();
    const folded = await opened(journal);
    assert.equal(folded.rollout, null);
    assert.deepEqual(journal.reads, [0]);
    assert.deepEqual(await opened(journal), folded);
    assert.deepEqual(journal.reads, [0, folded.version]);
  });

  it('is passed over when it is of another shape or of other events', async () => {
    const journal = await filled();
    const folded = await opened(journal);
    const whole = await journal.loadSnapshot(stream);
    assert.ok(whole !== null);
    const state = whole.state as { readonly hash: string };
    const useless = [
      { ...whole, schema: whole.schema + 1 },
      { ...whole, version: whole.version - 1 },
      { ...whole, state: { ...state, hash: 'sha256:other' } },
    ];
    for (const snapshot of useless) {
      await journal.saveSnapshot(snapshot);
      journal.reads.length = 0;
      assert.deepEqual(await opened(journal), folded);
      assert.deepEqual(journal.reads, [0]);
    }
  });

  it('is of the state that folding every single event gives, batches too', async () => {
    const journal = new MemoryJournal();
    const world = new MemoryWorld();
    for (const unit of ['U-1', 'U-2', 'U-3']) world.deploy({ unit, version: unit });
    const entries = world.events.map(({ type, when: at, actor, sequence: _, ...data }) => ({
      type,
      data,
      at,
      actor,
    }));
    for (const length of [entries.length, entries.length - 40]) {
      const told = entries.slice(0, length);
      const events = told.map(({ type, data }) => ({ type, ...data }) as RolloutEvent);
      await journal.append(`target/web@t${length}`, 0, told);
      const state = await opened(journal, `web@t${length}`);
      const plain = events.reduce(evolve, emptyTarget(state.target));
      assert.deepEqual(state, plain);
    }
  });

  it('has its schema raised when the same events fold to another state', async () => {
    const journal = new MemoryJournal();
    await journal.append(stream, 0, recorded);
    assert.equal(
      digestOfJson(await opened(journal)),
      'sha256:fc152c26df910fa3aed681e0af56a4313a7a782c838ef6d5793fd894afc0726e',
      'Raise `schema` in target-snapshot.ts, then put the new digest here.',
    );
  });
});
