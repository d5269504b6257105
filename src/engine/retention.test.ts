import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import fc from 'fast-check';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Digest } from '../base/digest.ts';
import { parseServiceName, parseUnitId, type RolloutId } from '../base/ids.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { memoryArtifactStore } from '../ports/artifact/memory.ts';
import { MemoryCommandRunner } from '../ports/command/memory-command-runner.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { PastRollout } from './past-rollouts.ts';
import { RetentionRunner, removeUnneeded } from './retention-runner.ts';

const day = 86_400_000;
const now = 1_000 * day;
const clock: Clock = { ...systemClock, now: () => now };

const homes: string[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true });
});

/** A past rollout of build number `build`. */
interface Past {
  readonly build: number;
  readonly promoted: boolean;
}

async function newWorld({ releases = 2, ages = [] as readonly number[] } = {}) {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-retention-'));
  homes.push(stateDir);
  const artifacts = memoryArtifactStore();
  const journal = new MemoryJournal();
  const commands = new MemoryCommandRunner({ clock });
  const digests: Digest[] = [];
  for (const [index, age] of ages.entries()) {
    const text = `build ${index}`;
    artifacts.inputs.set(text, { own: { type: 'file', mode: 0o644, text } });
    const unit = parseUnitId(`U-${index}`);
    const said = { version: null, commit: null, dirty: false, at: now - age * day, by: 'ada' };
    const { digest } = await artifacts.add({ path: text, service: parseServiceName('web'), unit, ...said });
    digests.push(digest);
  }
  const logged: string[] = [];
  const parts = {
    stateDir,
    clock,
    artifacts,
    journal,
    commands,
    config: async () => ({ retention: { releases, ageMs: 30 * day } }),
    log: (line: string) => void logged.push(line),
  } as unknown as ControllerParts;
  const whole = async () => {
    const answers = await Promise.all(digests.map((digest) => artifacts.verify(digest)));
    return answers.map(({ ok }) => ok);
  };
  return { parts, stateDir, digests, whole, logged, journal, commands };
}

type World = Awaited<ReturnType<typeof newWorld>>;

function release({ digests }: World, build: number) {
  return { version: `${build}.0.0`, artifact: digests[build] };
}

function told(world: World, past: readonly Past[], endedAt = now - 100 * day): readonly PastRollout[] {
  return past.map(({ build, promoted }, index) => {
    const artifact = world.digests[build] ?? null;
    return { rollout: `R-${index}` as RolloutId, endedAt, artifact, promoted };
  });
}

const source = (state: Partial<TargetState>, past: readonly PastRollout[]) => ({
  targets: () => [
    { state: () => ({ ...emptyTarget({} as never), ...state }) as TargetState, past: async () => past },
  ],
});

const builds = 8;
const build = fc.nat(builds - 1);

test('nothing that a rollback may need is ever removed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        past: fc.array(fc.record({ build, promoted: fc.boolean() }), { minLength: 1, maxLength: 12 }),
        ages: fc.array(fc.constantFrom(0, 29, 31, 400), { minLength: builds, maxLength: builds }),
        releases: fc.integer({ min: 1, max: 5 }),
        stable: build,
        warm: fc.array(build, { maxLength: 2 }),
        running: fc.option(build),
        previous: fc.option(build),
        asked: fc.constantFrom('unit', 'backTo', 'plan'),
        queued: fc.array(build, { maxLength: 2 }),
        incident: fc.option(fc.nat(11)),
      }),
      async ({ past, ages, releases, stable, warm, running, previous, asked, queued, incident }) => {
        const world = await newWorld({ releases, ages });
        const going = running === null ? null : release(world, running);
        const back = past.findIndex((one) => one.build === running);
        const byPlan = {
          plan: { release: going, previous: previous === null ? null : release(world, previous) },
        };
        const state = {
          stable: { rollout: 'R-s', release: release(world, stable) },
          standby: warm.map((one) => ({ rollout: `R-w${one}`, release: release(world, one) })),
          rollout:
            running === null
              ? null
              : {
                  rollout: 'R-now',
                  unit: asked === 'unit' ? `U-${running}` : null,
                  ...(asked === 'backTo' && back >= 0 ? { backTo: `R-${back}` } : {}),
                  ...(asked === 'plan' ? { phase: 'forward', ...byPlan } : { phase: 'verifying' }),
                },
          queue: queued.map((one) => ({ rollout: `R-q${one}`, unit: `U-${one}`, by: 'ada' })),
          incidents: incident === null ? [] : [{ rollout: `R-${incident}` }],
        } as unknown as Partial<TargetState>;

        await removeUnneeded(world.parts, source(state, told(world, past)));

        const needed = new Set([stable, ...warm, ...queued]);
        if (running !== null && (asked !== 'backTo' || back >= 0)) needed.add(running);
        if (running !== null && asked === 'plan' && previous !== null) needed.add(previous);
        const failed = incident === null ? undefined : past[incident];
        if (failed !== undefined) needed.add(failed.build);
        const before = past.filter(({ promoted }) => promoted).map((one) => one.build);
        for (const one of [...new Set(before.reverse())].slice(0, releases + 1)) needed.add(one);
        const whole = await world.whole();
        for (let one = 0; one < builds; one += 1) {
          const stays = needed.has(one) || (ages[one] ?? 0) < 30;
          assert.equal(whole[one], stays, `build ${one}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('going back and forth between two releases does not push out a third', async () => {
  const world = await newWorld({ releases: 2, ages: [90, 90, 90, 90] });
  const past = [0, 1, 2, 3, 2, 3, 2, 3].map((one) => ({ build: one, promoted: true }));
  await removeUnneeded(world.parts, source({}, told(world, past)));
  assert.deepEqual(await world.whole(), [false, true, true, true]);
});

test('a rollback that is asked for while others are removed keeps its release', async () => {
  const world = await newWorld({ releases: 1, ages: [90, 90, 90, 90] });
  const past = told(
    world,
    [0, 1, 2, 3].map((one) => ({ build: one, promoted: true })),
  );
  let state = emptyTarget({} as never);
  const backTo = 'R-1' as RolloutId;
  const find = world.parts.artifacts.list;
  const parts = {
    ...world.parts,
    artifacts: {
      ...world.parts.artifacts,
      list: async (filter: Parameters<typeof find>[0]) => {
        const found = await find(filter);
        state = {
          ...state,
          rollout: { phase: 'verifying', rollout: 'R-9' as RolloutId, unit: null, by: 'ada', backTo },
        };
        return found;
      },
    },
  };
  await removeUnneeded(parts, { targets: () => [{ state: () => state, past: async () => past }] });
  assert.deepEqual(await world.whole(), [false, true, true, true]);
});

test('evidence stays while its incident is open, and afterwards until it is old', async () => {
  const world = await newWorld();
  const past = [0, 1, 2, 3].map((one) => ({ build: one, promoted: false }));
  const old = told(world, past);
  const ended = old.map((one, index) => (index === 2 ? { ...one, endedAt: now - 29 * day } : one));
  for (const name of ['R-0', 'R-1', 'R-2', 'R-3', 'R-of-nobody']) {
    await mkdir(join(world.stateDir, 'evidence', name, 'deep'), { recursive: true });
  }
  const incidents = [{ rollout: 'R-1' }] as unknown as TargetState['incidents'];
  await removeUnneeded(world.parts, source({ incidents }, ended));
  const left = await readdir(join(world.stateDir, 'evidence'));
  assert.deepEqual(left.sort(), ['R-1', 'R-2', 'R-of-nobody']);
});

test('the record of a command stays while its rollout may ask for it again', async () => {
  const ended: Clock = { ...systemClock, now: () => now - 90 * day };
  const commands = new MemoryCommandRunner({ clock: ended });
  const world = await newWorld();
  for (const rollout of ['R-1', 'R-12', 'R-3']) {
    const id = `command-${rollout}-forward-1`;
    await commands.run({ id, spec: { run: 'x', timeoutMs: 1_000, env: {} }, directory: '', env: {} });
  }
  const rollout = { phase: 'verifying', rollout: 'R-12' as RolloutId, unit: null, by: 'ada' } as const;
  await removeUnneeded({ ...world.parts, commands }, source({ rollout }, []));
  const left = await commands.prune({ keep: new Set(), olderThanMs: 0, at: now });
  assert.deepEqual(left, ['command-R-12-forward-1']);
});

test('the record of a command of a run stays while its run keeps it, and runs are looked at by the same age', async () => {
  const commands = new MemoryCommandRunner({ clock: { ...systemClock, now: () => now - 90 * day } });
  const world = await newWorld();
  for (const id of ['workflow-W-1-A-1', 'workflow-W-2-A-1']) {
    await commands.run({ id, spec: { run: 'x', timeoutMs: 1_000, env: {} }, directory: '', env: {} });
  }
  const ages: unknown[] = [];
  const runs = {
    keeps: (id: string) => id.startsWith('workflow-W-2-'),
    prune: async (age: unknown) => void ages.push(age),
  };
  const config = async () => Promise.reject(new Error('there is no sluice.yml'));
  const retention = async () => ({ releases: 1, ageMs: 7 * day });
  await removeUnneeded({ ...world.parts, commands, config }, { ...source({}, []), runs, retention });
  assert.deepEqual(ages, [{ olderThanMs: 7 * day, at: now }]);
  const left = await commands.prune({ keep: new Set(), olderThanMs: 0, at: now });
  assert.deepEqual(left, ['workflow-W-2-A-1']);
});

test('it runs when it is opened and after each rollout and each run that ended, one at a time, and tells what went wrong', async () => {
  const world = await newWorld();
  let at = 0;
  let most = 0;
  let asked = 0;
  const runner = new RetentionRunner(world.parts, {
    targets: () => {
      asked += 1;
      at += 1;
      most = Math.max(most, at);
      const past = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        at -= 1;
        throw new Error('the disk is away');
      };
      return [{ state: () => emptyTarget({} as never), past }];
    },
  });
  runner.open();
  const end = (version: number, stream = 'target/web@production', type = 'RolloutEnded') =>
    world.journal.append(stream, version, [{ type, data: {}, at: now, actor: 'ada' }]);
  await end(0);
  await end(1);
  while (asked < 2) await new Promise((resolve) => setImmediate(resolve));
  const soFar = asked;
  await end(0, 'workflow/W-1', 'RunEnded');
  while (asked === soFar) await new Promise((resolve) => setImmediate(resolve));
  await runner.close();
  assert.equal(most, 1);
  assert.match(world.logged[0] ?? '', /retention: the disk is away/);
  const before = asked;
  await end(2);
  assert.equal(asked, before);
});
