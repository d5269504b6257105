import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { type InstanceId, parseTargetId, type RolloutId } from '../base/ids.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { StableRetries } from './retry-stable.ts';
import type { TargetLoops } from './target-loops.ts';

const target = parseTargetId('web@production');
const own = 'R-1' as RolloutId;
const instance = 'R-1-1' as InstanceId;

/** A target whose instance has a life of its own, and a clock that is set by hand. */
function makeWorld(change: (state: TargetState) => Partial<TargetState> = () => ({})) {
  const journal = new MemoryJournal();
  const waits: { readonly at: number; readonly run: () => void; cancelled: boolean }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonicMs: () => now,
    after: (delayMs, run) => {
      const wait = { at: now + delayMs, run, cancelled: false };
      waits.push(wait);
      return () => {
        wait.cancelled = true;
      };
    },
  };
  const base = { ...emptyTarget(target), stable: { rollout: own } } as unknown as TargetState;
  let state = { ...base, ...change(base) };
  const started: number[] = [];
  const refused = { left: 0 };
  const loop = {
    get state() {
      return state;
    },
    dispatch: async (command: RolloutCommand) => {
      if (command.type !== 'RecordInstance') return;
      refused.left -= 1;
      if (refused.left >= 0) throw new Error('the disk is full');
      started.push(now);
      await becomes(command.status);
    },
  };
  async function becomes(status: InstanceStatus): Promise<void> {
    const one = { id: instance, rollout: own, status, address: null, reason: 'exited with code 1' };
    const known = {
      ...one,
      retiredAt: state.instances[instance]?.retiredAt ?? null,
      drained: false,
      drainDeadlineMs: 30_000,
      restarts: 0,
      lapses: 0,
    };
    state = { ...state, version: state.version + 1, instances: { [instance]: known } };
    const event = { type: 'InstanceObserved', data: { instance, status }, at: now, actor: 'controller' };
    await journal.append('target/web@production', state.version - 1, [event]);
  }
  /** Lets the time pass until nothing is waited for before then; what was started comes to its end again at once. */
  async function pass(ms: number): Promise<void> {
    const until = now + ms;
    for (;;) {
      const due = waits
        .filter(({ at, cancelled }) => !cancelled && at <= until)
        .sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      due.cancelled = true;
      now = due.at;
      due.run();
      await new Promise((resolve) => setImmediate(resolve));
      if (state.instances[instance]?.status === 'starting') await becomes('crash-looping');
    }
    now = until;
  }
  const loops = { known: () => loop } as unknown as TargetLoops;
  const logged: string[] = [];
  const parts = { clock, journal, log: (line: string) => logged.push(line) } as unknown as ControllerParts;
  const retries = new StableRetries(parts, loops);
  retries.open();
  const retire = () => {
    const [known] = Object.values(state.instances);
    if (known !== undefined) state = { ...state, instances: { [known.id]: { ...known, retiredAt: 3 } } };
  };
  return { becomes, pass, started, logged, refused, retire, retries, waits };
}

const minute = 60_000;

test('a stable instance that came to its end is started again, at growing intervals', async () => {
  const { becomes, pass, started } = makeWorld();
  await becomes('crash-looping');
  await pass(20 * minute);
  const apart = started.map((at, index) => (at - (started[index - 1] ?? 0)) / 1_000);
  assert.deepEqual(apart, [30, 60, 120, 240, 300, 300]);
});

test('one that held for a while is tried soon again when it ends', async () => {
  const { becomes, pass, started } = makeWorld();
  await becomes('failed');
  await pass(8 * minute);
  await becomes('ready');
  await pass(20 * minute);
  const before = started.length;
  await becomes('crash-looping');
  await pass(30_000);
  assert.equal(started.length, before + 1);
});

test('one that came back by itself, was retired or is on trial is left alone', async () => {
  const recovered = makeWorld();
  await recovered.becomes('failed');
  await recovered.becomes('ready');
  const retired = makeWorld();
  await retired.becomes('failed');
  retired.retire();
  const trial = makeWorld(() => ({ stable: null, rollout: { rollout: own } as TargetState['rollout'] }));
  await trial.becomes('crash-looping');
  for (const { pass, started } of [recovered, retired, trial]) {
    await pass(10 * minute);
    assert.deepEqual(started, []);
  }
});

test('a try that could not be recorded is made again later', async () => {
  const { becomes, pass, started, refused, logged } = makeWorld();
  refused.left = 1;
  await becomes('failed');
  await pass(2 * minute);
  assert.deepEqual(started, [90_000]);
  assert.match(logged.join(), /the disk is full/);
});

test('nothing is waited for once it is closed', async () => {
  const { becomes, retries, waits } = makeWorld();
  await becomes('failed');
  retries.close();
  await becomes('crash-looping');
  assert.deepEqual(
    waits.filter(({ cancelled }) => !cancelled),
    [],
  );
});
