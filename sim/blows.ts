import type { InstanceId } from '../src/base/ids.ts';
import type { ControllerRun } from './controller-run.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What strikes the world while safety is judged. Each blow draws from a source of its own. */
export class Blows {
  readonly #world: World;
  readonly #run: ControllerRun;
  readonly #lastStruckMs = new Map<string, number>();

  constructor(world: World, run: ControllerRun) {
    this.#world = world;
    this.#run = run;
  }

  controller(random: Random): void {
    if (!this.#world.controlled) return;
    if (random.chance(0.7)) this.#run.crash(random.between(50, 2_500));
    else this.#run.freeze(random.between(500, 8_000));
  }

  router(random: Random): void {
    const { router, clock } = this.#world;
    if (!router.up) return;
    const forgets = random.chance(0.2);
    this.#world.count(forgets ? 'routers that forgot' : 'routers killed');
    router.die({ forgets });
    clock.after(random.between(50, 3_000), () => this.healRouter());
  }

  healRouter(): void {
    if (this.#world.router.up) return;
    this.#world.trace('the router is back');
    this.#world.router.comeBack();
    this.#world.disturb();
  }

  /** The router serves on, and nobody can tell it anything. */
  partition(random: Random): void {
    const { router, clock } = this.#world;
    if (router.cut) return;
    this.#world.count('partitions');
    this.#world.trace('the router is cut off');
    router.cutOff();
    clock.after(random.between(300, 8_000), () => this.healPartition());
  }

  healPartition(): void {
    if (!this.#world.router.cut) return;
    this.#world.trace('the router can be reached again');
    this.#world.router.reconnect();
    this.#world.disturb();
  }

  lease(random: Random): void {
    if (this.#world.controlled) this.#run.loseLease(random.between(4_000, 9_000));
  }

  /** The machine: what runs on it is gone, and what is on its disk stays. */
  reboot(random: Random): void {
    const { router, runtime, instances, clock } = this.#world;
    this.#world.count('reboots');
    this.#run.crash(random.between(500, 4_000));
    if (router.up) router.die({ forgets: false });
    for (const id of [...instances.keys()]) void runtime.stop(id, { deadlineMs: 0 });
    clock.after(random.between(500, 3_000), () => this.healRouter());
  }

  /** What is started now comes to its end at once, as without its database; something that runs dies meanwhile. */
  outage(random: Random): void {
    const { clock, instances, runtime } = this.#world;
    if (this.#world.outage) return;
    this.#world.count('outages');
    this.#world.trace('an outage begins');
    this.#world.outage = true;
    const [first] = instances.keys();
    if (first !== undefined) runtime.crash(first);
    clock.after(random.between(2_000, 30_000), () => {
      this.#world.trace('the outage is over');
      this.#world.outage = false;
      this.#world.disturb();
    });
  }

  /** The wall clock is set to another time. */
  clock(random: Random): void {
    const ms = random.pick([-10_000, -500, 700, 5_000, 60_000]);
    this.#world.count(ms > 0 ? 'clock set forward' : 'clock set back');
    this.#world.trace(`the clock is set by ${ms} ms`);
    this.#world.clock.jump(ms);
    this.#world.disturb();
  }

  /** One instance dies, or its probes fail for a while. One that died twice in short time would be a crash loop. */
  instance(random: Random): void {
    const { instances, runtime, clock, nowMs } = this.#world;
    const ready = [...instances.values()].filter(
      ({ id, status }) => status === 'ready' && nowMs - (this.#lastStruckMs.get(id) ?? -10_000) > 5_000,
    );
    if (ready.length === 0) return;
    const { id } = random.pick(ready);
    this.#lastStruckMs.set(id, nowMs);
    if (random.chance(0.5)) {
      this.#world.count('instances killed');
      runtime.crash(id);
      return;
    }
    this.#world.count('instances sick');
    runtime.setReady(id, false, random.pick([1, 3]));
    clock.after(random.between(100, 3_000), () => this.#cure(id));
  }

  /** One instance is ready and not, and ready and not. */
  flap(random: Random): void {
    const { instances, runtime, clock } = this.#world;
    const ready = [...instances.values()].filter(({ status }) => status === 'ready');
    if (ready.length === 0) return;
    const { id } = random.pick(ready);
    this.#world.count('instances flapping');
    this.#world.trace(`${id} begins to flap`);
    let afterMs = 0;
    for (let times = random.between(3, 8); times > 0; times -= 1) {
      clock.after(afterMs, () => {
        if (instances.get(id)?.status === 'ready') runtime.setReady(id, false, 1);
      });
      afterMs += random.between(150, 700);
      clock.after(afterMs, () => this.#cure(id));
      afterMs += random.between(150, 700);
    }
  }

  /** The disk under the journal is slow or full for a while. */
  disk(random: Random): void {
    const { disk, clock } = this.#world;
    if (disk.state !== 'fine') return;
    disk.becomes(random.pick(['slow', 'full']));
    this.#world.count(`disk ${disk.state}`);
    this.#world.trace(`the disk is ${disk.state}`);
    const forMs = random.between(500, 6_000);
    // A failed write is tried again after at most five seconds.
    this.#world.disturb(this.#world.nowMs + forMs + 6_000);
    clock.after(forMs, () => this.healDisk());
  }

  healDisk(): void {
    if (this.#world.disk.state === 'fine') return;
    this.#world.trace('the disk is well again');
    this.#world.disk.becomes('fine');
    this.#world.disturb();
  }

  /** What the shop says of itself is nothing, old or wrong for a while. */
  source(random: Random): void {
    if (this.#world.source !== 'honest') return;
    this.#world.source = random.pick(['missing', 'stale', 'lying']);
    this.#world.trace(`the metric from outside is ${this.#world.source}`);
    this.#world.clock.after(random.between(2_000, 12_000), () => this.healSource());
  }

  healSource(): void {
    if (this.#world.source === 'honest') return;
    this.#world.trace('the metric from outside is honest again');
    this.#world.source = 'honest';
  }

  #cure(id: InstanceId): void {
    if (this.#world.instances.get(id)?.status === 'unready') this.#world.runtime.setReady(id, true);
  }
}
