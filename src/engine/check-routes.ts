import type { Cancel } from '../base/clock.ts';
import { targetId } from '../base/ids.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { TargetLoop } from './target-loop.ts';
import type { TargetLoops } from './target-loops.ts';

const checkAgainMs = 1_000;

/** Compares what the router has in force with what the journal knows. Asked until it answers. */
export class RouteCheck {
  readonly #parts: ControllerParts;
  readonly #loops: TargetLoops;
  #cancel: Cancel = () => {};
  #closed = false;

  constructor(parts: ControllerParts, loops: TargetLoops) {
    this.#parts = parts;
    this.#loops = loops;
  }

  async check(): Promise<void> {
    this.#cancel();
    for (const loop of this.#loops) {
      try {
        await this.#compare(loop);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#parts.log(`${targetId(loop.state.target)}: ${message}`);
        if (this.#closed) return;
        this.#cancel();
        this.#cancel = this.#parts.clock.after(checkAgainMs, () => void this.check());
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** A router that came back with less than it had acknowledged gets its table again. */
  async #compare(loop: TargetLoop): Promise<void> {
    const { traffic, clock } = this.#parts;
    const version = (await traffic.applied(targetId(loop.state.target)))?.version ?? 0;
    if (version >= loop.state.routes.acknowledged) return;
    await loop.dispatch({ type: 'RecordLostRoutes', version, at: clock.now(), by: 'controller' });
  }
}
