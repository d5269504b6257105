import { errorFacts } from '../src/base/sluice-error.ts';
import { Controller } from '../src/engine/controller.ts';
import type { Lease } from '../src/journal/journal.ts';
import { faultyPorts } from './faulty-ports.ts';
import { Life } from './life.ts';
import type { Plant } from './plants/plant.ts';
import type { World } from './world.ts';

const leaseMs = 3_000;

/** The controllers of a world, one after the other, and what `sluice serve` does around them: the lease and its heartbeat. */
export class ControllerRun {
  readonly #world: World;
  readonly #lives = new Map<string, Life>();
  #life: Life | null = null;
  /** The one whose heartbeat is lost. */
  #silent: Life | null = null;
  #controller: Controller | null = null;
  #mayStartMs = 0;
  #opened = false;
  #fence = 0;
  readonly #plant: Plant | undefined;

  constructor(world: World, plant?: Plant) {
    this.#world = world;
    this.#plant = plant;
    world.dies = (life, at) => this.#dieAt(life, at);
  }

  get controller(): Controller | null {
    return this.#opened && this.#acts ? this.#controller : null;
  }

  get #acts(): boolean {
    return this.#life?.alive === true && !this.#life.frozen;
  }

  /** Starts one where none acts and it is time; called again and again. */
  async keep(): Promise<void> {
    this.#world.controlled = this.controller !== null;
    if ((this.#acts && this.#life !== this.#silent) || this.#world.nowMs < this.#mayStartMs) return;
    const name = `controller-${this.#lives.size + 1}`;
    const lease = await this.#take(name);
    if (lease !== null) await this.#start(name, lease);
  }

  /** As `kill -9` does. */
  crash(awayMs: number): void {
    this.#life?.end();
    this.#away(awayMs);
    this.#world.count('controllers killed');
    this.#world.trace(`${this.#life?.name} is killed`);
  }

  /** Its heartbeat does not reach the journal any more: another takes over while it still acts, and it ends only later. */
  loseLease(endsAfterMs: number): void {
    const life = this.#life;
    if (life === null || !this.#acts || this.#silent === life) return;
    this.#silent = life;
    this.#world.count('leases lost');
    this.#world.trace(`${life.name} loses its lease`);
    this.#world.clock.after(endsAfterMs, () => {
      this.#countTwo(life);
      if (life.alive) this.#world.trace(`${life.name} notices and ends`);
      life.end();
      this.#world.disturb();
    });
  }

  /** It dies at one of its own awaits. */
  #dieAt(life: Life, at: string): void {
    if (!life.alive) return;
    life.end();
    this.#world.count('controllers killed at an await');
    this.#world.trace(`${life.name} dies at ${at}`);
    if (life === this.#life) this.#away(this.#world.random.of(life.name).between(50, 2_500));
  }

  /** It stands still, and comes back when another may have taken over. */
  freeze(forMs: number): void {
    const life = this.#life;
    if (life === null) return;
    life.freeze();
    this.#away(0);
    this.#world.count('controllers frozen');
    this.#world.trace(`${life.name} is frozen`);
    this.#world.clock.after(forMs, () => {
      this.#countTwo(life);
      this.#world.trace(`${life.name} thaws`);
      this.#world.disturb();
      life.thaw();
    });
  }

  /** Another one acts, and this one still lives. */
  #countTwo(life: Life): void {
    if (life.alive && life !== this.#life && this.#acts) this.#world.count('two controllers');
  }

  #away(ms: number): void {
    this.#world.controlled = false;
    this.#mayStartMs = this.#world.nowMs + ms;
  }

  async #take(name: string): Promise<Lease | null> {
    const { journal, now } = this.#world;
    const taken = await journal.acquireLease('controller', name, { now, ttlMs: leaseMs });
    const result = this.#plant?.lease?.(taken, this.#fence) ?? taken;
    if (result.kind === 'acquired') {
      this.#fence = result.lease.fence;
      return result.lease;
    }
    // Nothing of a process that is gone can still write; one that stands still keeps its lease until it expires.
    if (this.#lives.get(result.lease.holder)?.alive) return null;
    await journal.releaseLease(result.lease);
    return this.#take(name);
  }

  async #start(name: string, lease: Lease): Promise<void> {
    const life = new Life(name, this.#world.clock);
    this.#lives.set(name, life);
    this.#life = life;
    this.#opened = false;
    this.#world.tell({ kind: 'lease', fence: lease.fence });
    this.#world.trace(`${name} has the lease, fence ${lease.fence}`);
    const ports = faultyPorts(this.#world, life);
    const parts = this.#plant?.wire?.(ports, { world: this.#world, life }) ?? ports;
    const controller = new Controller(parts, lease);
    this.#controller = controller;
    this.#beat(life, lease);
    try {
      await controller.open();
      this.#opened = true;
    } catch (error) {
      // The process ends with what it could not open, and whoever watches it starts it again.
      this.#world.heard(life, errorFacts(error).message);
      life.end();
      this.#away(500);
    }
    this.#world.disturb();
  }

  #beat(life: Life, { fence }: Lease): void {
    life.after(leaseMs / 3, () => {
      if (life === this.#silent) return;
      const { journal, now } = this.#world;
      void journal.acquireLease('controller', life.name, { now, ttlMs: leaseMs }).then((result) => {
        if (result.kind === 'acquired' && result.lease.fence === fence)
          return this.#beat(life, { fence } as Lease);
        this.#world.trace(`${life.name} lost the lease and ends`);
        life.end();
      });
    });
  }
}
