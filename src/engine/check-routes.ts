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

  /** A router that came back with less than it had acknowledged gets its table again, and one that has more a newer one. */
  async #compare(loop: TargetLoop): Promise<void> {
    const { traffic, clock, log } = this.#parts;
    const target = targetId(loop.state.target);
    const version = (await traffic.applied(target))?.version ?? 0;
    const { requested, acknowledged } = loop.state.routes;
    const told = { version, at: clock.now(), by: 'controller' } as const;
    if (version < acknowledged) await loop.dispatch({ type: 'RecordLostRoutes', ...told });
    if (requested === null || version <= requested.version) return;
    await loop.dispatch({ type: 'RecordUnknownRoutes', ...told });
    log(
      `${target}: the router has table ${version} in force, and this journal asked for ${requested.version} at most. It was ` +
        `restored from a backup: the router gets what the journal says as table ${version + 1}.`,
    );
  }
}
