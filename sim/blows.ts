import type { ControllerRun } from './controller-run.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What strikes the world while safety is judged. */
export class Blows {
  readonly #world: World;
  readonly #run: ControllerRun;
  readonly #random: Random;
  readonly #lastStruckMs = new Map<string, number>();

  constructor(world: World, run: ControllerRun, random: Random) {
    this.#world = world;
    this.#run = run;
    this.#random = random;
  }

  controller(): void {
    if (!this.#world.controlled) return;
    if (this.#random.chance(0.7)) this.#run.crash(this.#random.between(50, 2_500));
    else this.#run.freeze(this.#random.between(500, 8_000));
  }

  router(): void {
    const { router, clock } = this.#world;
    if (!router.up) return;
    const forgets = this.#random.chance(0.2);
    this.#world.count(forgets ? 'routers that forgot' : 'routers killed');
    router.die({ forgets });
    clock.after(this.#random.between(50, 3_000), () => this.healRouter());
  }

  healRouter(): void {
    if (this.#world.router.up) return;
    this.#world.trace('the router is back');
    this.#world.router.comeBack();
    this.#world.disturb();
  }

  /** The router serves on, and nobody can tell it anything. */
  partition(): void {
    const { router, clock } = this.#world;
    if (router.cut) return;
    this.#world.count('partitions');
    this.#world.trace('the router is cut off');
    router.cutOff();
    clock.after(this.#random.between(300, 8_000), () => this.healPartition());
  }

  healPartition(): void {
    if (!this.#world.router.cut) return;
    this.#world.trace('the router can be reached again');
    this.#world.router.reconnect();
    this.#world.disturb();
  }

  lease(): void {
    if (this.#world.controlled) this.#run.loseLease(this.#random.between(4_000, 9_000));
  }

  /** The machine: what runs on it is gone, and what is on its disk stays. */
  reboot(): void {
    const { router, runtime, instances, clock } = this.#world;
    this.#world.count('reboots');
    this.#run.crash(this.#random.between(500, 4_000));
    if (router.up) router.die({ forgets: false });
    for (const id of [...instances.keys()]) void runtime.stop(id, { deadlineMs: 0 });
    clock.after(this.#random.between(500, 3_000), () => this.healRouter());
  }

  /** What is started now comes to its end at once, as without its database; something that runs dies meanwhile. */
  outage(): void {
    const { clock, instances, runtime } = this.#world;
    if (this.#world.outage) return;
    this.#world.count('outages');
    this.#world.trace('an outage begins');
    this.#world.outage = true;
    const [first] = instances.keys();
    if (first !== undefined) runtime.crash(first);
    clock.after(this.#random.between(2_000, 30_000), () => {
      this.#world.trace('the outage is over');
      this.#world.outage = false;
      this.#world.disturb();
    });
  }

  /** The wall clock is set to another time. */
  clock(): void {
    const ms = this.#random.pick([-10_000, -500, 700, 5_000, 60_000]);
    this.#world.count('clocks set');
    this.#world.trace(`the clock is set by ${ms} ms`);
    this.#world.clock.jump(ms);
    this.#world.disturb();
  }

  /** One instance dies, or its probes fail for a while. One that died twice in short time would be a crash loop. */
  instance(): void {
    const { instances, runtime, clock, nowMs } = this.#world;
    const ready = [...instances.values()].filter(
      ({ id, status }) => status === 'ready' && nowMs - (this.#lastStruckMs.get(id) ?? -10_000) > 5_000,
    );
    if (ready.length === 0) return;
    const { id } = this.#random.pick(ready);
    this.#lastStruckMs.set(id, nowMs);
    if (this.#random.chance(0.5)) {
      this.#world.count('instances killed');
      runtime.crash(id);
      return;
    }
    this.#world.count('instances sick');
    runtime.setReady(id, false, this.#random.pick([1, 3]));
    clock.after(this.#random.between(100, 3_000), () => this.#cure(id));
  }

  #cure(id: Parameters<World['stops']>[0]): void {
    if (this.#world.instances.get(id)?.status === 'unready') this.#world.runtime.setReady(id, true);
  }
}
