import type { JournalEvent } from '../src/journal/journal.ts';
import { Blows } from './blows.ts';
import { ControllerRun } from './controller-run.ts';
import { Operators } from './operators.ts';
import type { Plant } from './plants/plant.ts';
import type { Random } from './random.ts';
import { worldTargetId } from './scenario.ts';
import { type Broken, World, type WorldOptions } from './world.ts';

export interface SeedResult {
  readonly seed: number;
  readonly broken: Broken | null;
  /** Everything that was written of the only target. */
  readonly journal: readonly JournalEvent[];
  readonly tally: ReadonlyMap<string, number>;
  /** Names of what struck and who asked, in order. */
  readonly struck: readonly string[];
}

export interface SeedOptions extends WorldOptions {
  /** A bug that every controller of the run gets. */
  readonly plant?: Plant;
}

/** Everything must have ended so long after the last fault, ms. */
const settleWithinMs = 900_000;
/** What was under way when the faults ended takes so long at most, ms. */
const underWayMs = 7_000;

/** Plays one seed: first with faults, then healed until everything has ended. The same seed gives the same run. */
export async function simulate(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const world = new World(seed, options);
  await world.prepare();
  const run = new ControllerRun(world, options.plant);
  const operators = new Operators(world, run);
  const blows = new Blows(world, run);
  const { scenario, clock } = world;
  const { safetyMs } = scenario;

  every(world, 100, () => {
    world.tell({ kind: 'moment' });
    clock.nothingFollows();
  });
  every(world, 250, () => void run.keep());
  const users = world.random.of('requests');
  repeat(
    world,
    () => users.between(1, Math.ceil(2_000 / scenario.requestsPerSecond)),
    () => {
      world.router.request();
      clock.nothingFollows();
    },
  );
  strikeAgainAndAgain(world, blows);
  const { damage } = scenario;
  if (damage !== null) clock.after(damage.atMs, () => world.damage(damage.unit));
  clock.after(600, () => operators.deploy('U-0'));
  clock.after(4_000, () =>
    fromTimeToTime(world, 'asking', scenario.operatorEveryMs, () => operators.askAnything()),
  );

  await play(world, safetyMs);
  world.trace('everything is healed');
  world.faults.share = 0;
  blows.healRouter();
  blows.healPartition();
  blows.healDisk();
  blows.healSource();
  world.outage = false;
  every(world, 400, () => void operators.settle());
  const settled = () => world.ledger.rollout === null && world.ledger.queued.size === 0 && world.isStableUp();
  await play(world, clock.monotonicMs() + underWayMs);
  await play(world, clock.monotonicMs() + settleWithinMs, settled);
  // Until what is kept warm is gone too; a clock that was set back makes that longer.
  const warmMs = Math.max(0, ...[...world.ledger.warmUntil.values()].map((until) => until - world.now));
  await play(world, clock.monotonicMs() + warmMs + 3_000);
  world.tell({ kind: 'end' });
  const { broken, tally, strikes } = world;
  const journal = await world.journal.read(`target/${worldTargetId}`);
  return { seed, broken, journal, tally, struck: strikes.struck };
}

function strikeAgainAndAgain(world: World, blows: Blows): void {
  const { scenario, strikes } = world;
  const strike = (kind: string, meanMs: number, blow: (random: Random) => void) =>
    fromTimeToTime(world, kind, meanMs, () => {
      const name = strikes.next(kind);
      if (strikes.happens(name)) blow(strikes.random(name));
    });
  strike('blow to the controller', scenario.crashEveryMs, (random) => blows.controller(random));
  strike('blow to the router', scenario.routerEveryMs, (random) => blows.router(random));
  strike('partition', scenario.partitionEveryMs, (random) => blows.partition(random));
  strike('loss of the lease', scenario.leaseEveryMs, (random) => blows.lease(random));
  strike('blow to an instance', scenario.deathEveryMs, (random) => blows.instance(random));
  strike('flapping', scenario.flapEveryMs, (random) => blows.flap(random));
  strike('blow to the disk', scenario.diskEveryMs, (random) => blows.disk(random));
  strike('metric from outside', scenario.sourceEveryMs, (random) => blows.source(random));
  strike('reboot', scenario.rebootEveryMs, (random) => blows.reboot(random));
  strike('outage', scenario.outageEveryMs, (random) => blows.outage(random));
  strike('clock', scenario.clockEveryMs, (random) => blows.clock(random));
}

/** While safety is judged; never when the mean time is 0. */
function fromTimeToTime(world: World, kind: string, meanMs: number, what: () => void): void {
  if (meanMs === 0) return;
  const { clock, scenario } = world;
  const times = world.random.of(kind);
  const next = () => Math.ceil(-Math.log(1 - times.number()) * meanMs) + 1;
  repeat(world, next, () => clock.monotonicMs() < scenario.safetyMs && what());
}

/** Lets the time run. What follows from one event without any time passing is done before the next one. */
async function play(world: World, untilMs: number, enough: () => boolean = () => false): Promise<void> {
  while (world.broken === null && !enough() && world.clock.step(untilMs)) await afterMicrotasks();
}

function afterMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function every(world: World, periodMs: number, what: () => void): void {
  repeat(world, () => periodMs, what);
}

function repeat(world: World, nextMs: () => number, what: () => void): void {
  world.clock.after(nextMs(), () => {
    what();
    repeat(world, nextMs, what);
  });
}
