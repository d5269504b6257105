import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { parseTargetId, type RolloutId } from '../base/ids.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { type Perform, TargetLoop } from './target-loop.ts';

const target = parseTargetId('web@production');
const lease = { name: 'web@production', fence: 1 };

const request: RolloutCommand = {
  type: 'RequestRollout',
  at: 1,
  by: 'ada',
  rollout: 'R-1' as RolloutId,
  unit: null,
  onConflict: 'refuse',
  blockedBy: [],
};

/** Verification that blocks, so that a rollout begins and ends. */
const refuse: Perform = async (action) =>
  action.type === 'verify'
    ? [
        {
          type: 'RecordVerification',
          at: 2,
          by: 'controller',
          rollout: action.rollout,
          gates: [],
          plan: null,
        },
      ]
    : [];

async function journal(): Promise<MemoryJournal> {
  const made = new MemoryJournal();
  await made.acquireLease(lease.name, 'me', { now: 0, ttlMs: 60_000 });
  return made;
}

function ended(made: MemoryJournal): Promise<void> {
  return new Promise((resolve) => {
    made.subscribe((event) => event.type === 'RolloutEnded' && resolve());
  });
}

describe('the loop of a target', () => {
  it('does what is pending and records what it observed', async () => {
    const made = await journal();
    const loop = new TargetLoop({ target, journal: made, clock: systemClock, perform: refuse, lease });
    await loop.open();
    const end = ended(made);
    await loop.dispatch(request);
    await end;
    await loop.close();
    const types = (await made.read('target/web@production')).map(({ type }) => type);
    assert.deepEqual(types, ['RolloutRequested', 'VerificationFailed', 'RolloutEnded']);
  });

  it('takes up after a restart what was pending, and tries again what failed', async () => {
    const made = await journal();
    const never: Perform = () => new Promise(() => {});
    const first = new TargetLoop({ target, journal: made, clock: systemClock, perform: never, lease });
    await first.open();
    await first.dispatch(request);
    await first.close();

    let attempts = 0;
    const flaky: Perform = async (action, context) => {
      attempts += 1;
      if (attempts === 1) throw new Error('the disk is slow today');
      return refuse(action, context);
    };
    const end = ended(made);
    const second = new TargetLoop({ target, journal: made, clock: systemClock, perform: flaky, lease });
    await second.open();
    await end;
    await second.close();
    assert.equal(attempts, 2);
    assert.equal(second.state.rollout, null);
  });

  it('tries at once what failed when it is told that the world has changed', async () => {
    const made = await journal();
    const waits = Promise.withResolvers<void>();
    const never = () => {
      waits.resolve();
      return () => {};
    };
    const clock = { ...systemClock, after: never };
    let attempts = 0;
    const perform: Perform = async (action, context) => {
      attempts += 1;
      if (attempts === 1) throw new Error('the router is away');
      return refuse(action, context);
    };
    const loop = new TargetLoop({ target, journal: made, clock, perform, lease });
    await loop.open();
    const end = ended(made);
    await loop.dispatch(request);
    await waits.promise;
    loop.retry();
    await end;
    await loop.close();
    assert.equal(attempts, 2);
  });

  it('decides a command given as a function on what is known when its turn has come', async () => {
    const made = await journal();
    const loop = new TargetLoop({
      target,
      journal: made,
      clock: systemClock,
      perform: async () => [],
      lease,
    });
    await loop.open();
    const first = loop.dispatch(request);
    const second = loop.dispatch(() => ({ ...request, rollout: `R-${loop.state.version + 1}` as RolloutId }));
    await first;
    const decision = await second;
    await loop.close();
    assert.equal(decision.kind, 'refused');
    assert.equal(loop.state.rollout?.rollout, 'R-1');
  });

  it('makes a command out of what is known only when a torn write was read again', async () => {
    const made = await journal();
    const append = made.append.bind(made);
    made.append = async (...asked) => {
      made.append = append;
      await append(...asked);
      throw new Error('the disk was full before the anchor was written');
    };
    const never: Perform = () => new Promise(() => {});
    const loop = new TargetLoop({ target, journal: made, clock: systemClock, perform: never, lease });
    await loop.open();
    await assert.rejects(loop.dispatch(request), { message: /disk was full/ });
    const known: number[] = [];
    await loop.dispatch(() => {
      known.push(loop.state.version);
      return { ...request, rollout: 'R-2' as RolloutId };
    });
    await loop.close();
    assert.deepEqual(known, [1]);
  });

  it('goes on with what a torn write began, though nobody asks for anything any more', async () => {
    const made = await journal();
    const append = made.append.bind(made);
    made.append = async (...asked) => {
      made.append = append;
      await append(...asked);
      throw new Error('the disk was full before the anchor was written');
    };
    const loop = new TargetLoop({ target, journal: made, clock: systemClock, perform: refuse, lease });
    await loop.open();
    const end = ended(made);
    await assert.rejects(loop.dispatch(request), { message: /disk was full/ });
    await end;
    await loop.close();
  });

  it('stops acting when another controller holds the lease', async () => {
    const made = await journal();
    const loop = new TargetLoop({ target, journal: made, clock: systemClock, perform: refuse, lease });
    await loop.open();
    await made.releaseLease(lease);
    await made.acquireLease(lease.name, 'other', { now: 0, ttlMs: 60_000 });
    await assert.rejects(loop.dispatch(request), { code: 'lease-lost' });
    await assert.rejects(loop.dispatch(request), { code: 'controller-stopping' });
    assert.deepEqual(await made.streams(), []);
  });

  it('ends what is under way, and tries nothing again, once another controller has the lease', async () => {
    const made = await journal();
    const waits: (() => void)[] = [];
    const clock = {
      ...systemClock,
      after: (_: number, run: () => void) => {
        waits.push(run);
        failed.resolve();
        return () => {};
      },
    };
    const failed = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    let attempts = 0;
    const perform: Perform = async (_, { signal }) => {
      attempts += 1;
      signal.addEventListener('abort', () => aborted.resolve());
      throw new Error('the router is away');
    };
    const loop = new TargetLoop({ target, journal: made, clock, perform, lease });
    await loop.open();
    await loop.dispatch(request);
    await failed.promise;
    await made.releaseLease(lease);
    await made.acquireLease(lease.name, 'other', { now: 0, ttlMs: 60_000 });
    const abort = { type: 'Abort', reason: 'enough', at: 2, by: 'ada' } as const;
    await assert.rejects(loop.dispatch(abort), { code: 'lease-lost' });
    await aborted.promise;
    for (const run of waits) run();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(attempts, 1);
  });
});
