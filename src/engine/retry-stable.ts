import type { Cancel } from '../base/clock.ts';
import { type InstanceId, parseTargetId, targetId } from '../base/ids.ts';
import { hasEnded } from '../base/instance-status.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { ControllerParts } from './controller-parts.ts';
import { startAnew } from './recover-instances.ts';
import type { TargetLoops } from './target-loops.ts';

/** Before the first try, ms; doubled for each one that came to nothing. */
const firstDelayMs = 30_000;
const longestDelayMs = 300_000;
/** What held for so long after a try had come up: the next end is a first one again. */
const calmMs = 2 * longestDelayMs;

interface Tries {
  count: number;
  /** Monotonic; when the last one began. */
  lastMs: number;
  cancel: Cancel;
}

/**
 * What users rely on is not left down for good because something that it needs came up late: an instance that came to its
 * end is started again, at growing intervals. A candidate is not: that it ends is what its trial found.
 */
export class StableRetries {
  readonly #parts: ControllerParts;
  readonly #loops: TargetLoops;
  readonly #tries = new Map<InstanceId, Tries>();
  #unsubscribe: () => void = () => {};

  constructor(parts: ControllerParts, loops: TargetLoops) {
    this.#parts = parts;
    this.#loops = loops;
  }

  open(): void {
    this.#unsubscribe = this.#parts.journal.subscribe((event) => this.#heard(event));
  }

  close(): void {
    this.#unsubscribe();
    for (const { cancel } of this.#tries.values()) cancel();
    this.#tries.clear();
  }

  #heard({ type, stream, data }: JournalEvent): void {
    const event = { type, ...(data as object) } as RolloutEvent;
    if (event.type === 'InstanceStopped') this.#forget(event.instance);
    if (event.type === 'InstanceObserved' && hasEnded(event.status)) this.#later(stream, event.instance);
  }

  #forget(instance: InstanceId): void {
    this.#tries.get(instance)?.cancel();
    this.#tries.delete(instance);
  }

  #later(stream: string, instance: InstanceId): void {
    const { clock, log } = this.#parts;
    const known = this.#tries.get(instance);
    known?.cancel();
    const calm = known === undefined || clock.monotonicMs() - known.lastMs > calmMs;
    const count = calm ? 0 : known.count;
    const delayMs = Math.min(firstDelayMs * 2 ** count, longestDelayMs);
    const cancel = clock.after(delayMs, () => {
      this.#tries.set(instance, { count: count + 1, lastMs: clock.monotonicMs(), cancel: () => {} });
      this.#again(stream, instance).catch((error: unknown) => {
        log(`${instance}: ${error instanceof Error ? error.message : String(error)}`);
        if (this.#tries.has(instance)) this.#later(stream, instance);
      });
    });
    const lastMs = known?.lastMs ?? clock.monotonicMs();
    this.#tries.set(instance, { count, lastMs, cancel });
  }

  async #again(stream: string, instance: InstanceId): Promise<void> {
    const target = parseTargetId(stream.slice('target/'.length));
    const loop = this.#loops.known(targetId(target));
    const known = loop?.state.instances[instance];
    if (loop === null || known === undefined || !hasEnded(known.status)) return;
    await startAnew(loop, known, this.#parts.clock);
  }
}
