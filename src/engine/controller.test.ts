import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import type { ProjectConfig } from '../config/config.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { Controller } from './controller.ts';
import type { ControllerParts } from './controller-parts.ts';

const where = { service: 'web', to: 'production' };

/** Commits at once; from the moment it is held, says so only when it is let go. */
class HeldJournal extends MemoryJournal {
  #held: Promise<void> = Promise.resolve();
  #committed: () => void = () => {};
  #letGo: () => void = () => {};

  override async append(...given: Parameters<MemoryJournal['append']>): ReturnType<MemoryJournal['append']> {
    const result = await super.append(...given);
    this.#committed();
    await this.#held;
    return result;
  }

  hold(): { readonly committed: Promise<void>; readonly letGo: () => void } {
    const [held, committed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#letGo();
    this.#letGo = held.resolve;
    this.#held = held.promise;
    this.#committed = committed.resolve;
    return { committed: committed.promise, letGo: held.resolve };
  }
}

test('history tells the end of a rollout only when the next one may be asked for', async (t) => {
  const { journal, api } = await verifying(t);
  const { committed, letGo } = journal.hold();
  const aborted = api.abort(where);
  await committed;
  assert.equal((await api.history({}))[0]?.ending, 'running');
  letGo();
  await aborted;
  assert.equal((await api.history({}))[0]?.ending, 'aborted');
});

test('a rollback that meets the end of what was going back has what it asks for', async (t) => {
  const { journal, api } = await verifying(t);
  const { committed, letGo } = journal.hold();
  const aborted = api.abort(where);
  await committed;
  const rollback = api.rollback(where);
  // The rollback has read the state, and waits for its turn behind the abort.
  await new Promise((resolve) => setImmediate(resolve));
  letGo();
  await aborted;
  assert.deepEqual(await rollback, { rollout: 'R-1' });
});

/** A rollout that stays at its verification, because the ports answer nothing. */
async function verifying(
  t: TestContext,
): Promise<{ readonly journal: HeldJournal; readonly api: ReturnType<Controller['api']> }> {
  const journal = new HeldJournal();
  const taken = await journal.acquireLease('controller', 'me', { now: 0, ttlMs: 60_000 });
  assert.equal(taken.kind, 'acquired');
  const asked = { rollout: 'R-1', unit: 'U-1', by: 'ada' };
  const event = { type: 'RolloutRequested', data: asked, at: 1, actor: 'ada' };
  await journal.append('target/web@production', 0, [event]);
  const parts = {
    clock: systemClock,
    journal,
    config: async () =>
      ({
        roles: [],
        services: [{ name: 'web' }],
        environments: [{ name: 'production' }],
      }) as unknown as ProjectConfig,
    qa: { find: () => new Promise(() => {}) },
    runtime: { watch: () => () => {}, list: async () => [] },
    traffic: { onReconnect: () => () => {}, applied: async () => null },
    log: () => {},
  } as unknown as ControllerParts;
  const controller = new Controller(parts, taken.lease);
  t.after(async () => {
    journal.hold().letGo();
    await controller.close();
  });
  await controller.open();
  return { journal, api: controller.api('ada') };
}
