import {
  parseEnvironmentName,
  parseServiceName,
  parseTargetId,
  type Target,
  type TargetId,
  targetId,
} from '../base/ids.ts';
import type { Lease } from '../journal/journal.ts';
import type { ControllerParts } from './controller-parts.ts';
import { MeasuringPace } from './measuring-pace.ts';
import { Performer } from './perform-actions.ts';
import { TargetLoop } from './target-loop.ts';
import { verifyRequested } from './verify-requested.ts';
import { configOf } from './verify-rollout.ts';

/** The loops of one state directory, by target; one is opened when it is asked for the first time. */
export class TargetLoops {
  readonly #parts: ControllerParts;
  readonly #lease: Lease;
  readonly #loops = new Map<TargetId, TargetLoop>();
  readonly #pace = new MeasuringPace();

  constructor(parts: ControllerParts, lease: Lease) {
    this.#parts = parts;
    this.#lease = lease;
  }

  /** Of the lease under which all of them act. */
  get fence(): number {
    return this.#lease.fence;
  }

  /** Every loop that was opened. */
  [Symbol.iterator](): IterableIterator<TargetLoop> {
    return this.#loops.values();
  }

  /** Null when it was not opened. */
  known(id: TargetId): TargetLoop | null {
    return this.#loops.get(id) ?? null;
  }

  /** Takes up every target that the journal knows. */
  async open(): Promise<void> {
    for (const stream of await this.#parts.journal.streams()) {
      if (stream.startsWith('target/')) await this.of(parseTargetId(stream.slice('target/'.length)));
    }
  }

  async of(target: Target): Promise<TargetLoop> {
    const known = this.known(targetId(target));
    if (known !== null) return known;
    const loop = this.#make(target);
    this.#loops.set(targetId(target), loop);
    await loop.open();
    return loop;
  }

  /** Rejects when sluice.yml has no such service or environment. */
  async asked({ service, to }: { readonly service: string; readonly to: string }): Promise<TargetLoop> {
    const target = { service: parseServiceName(service), environment: parseEnvironmentName(to) };
    configOf(await this.#parts.config(), target);
    return this.of(target);
  }

  /** Those that `where` names; all when it names none. */
  matching(where: { readonly service?: string; readonly to?: string }): readonly TargetLoop[] {
    return [...this].filter(({ state: { target } }) => {
      const service = where.service === undefined || target.service === where.service;
      return service && (where.to === undefined || target.environment === where.to);
    });
  }

  async close(): Promise<void> {
    for (const loop of this) await loop.close();
  }

  #make(target: Target): TargetLoop {
    const { journal, clock, log, core } = this.#parts;
    const performer = new Performer({
      parts: this.#parts,
      fence: () => this.#lease.fence,
      pace: this.#pace,
      verify: (state) => verifyRequested(this.#parts, state),
    });
    return new TargetLoop({
      target,
      journal,
      clock,
      perform: performer.perform,
      lease: this.#lease,
      ...(core && { core }),
      onFailure: (action, error) =>
        log(`${targetId(target)} ${action.id}: ${error instanceof Error ? error.message : String(error)}`),
    });
  }
}
