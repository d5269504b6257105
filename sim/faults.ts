import { SluiceError } from '../src/base/sluice-error.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What can happen to a call on its way to a port and back. */
type Fate = 'done' | 'failed' | 'slow' | 'late-answer' | 'answer-lost';

/** Makes calls take virtual time and lets some go wrong. Everything random in it comes from one source. */
export class Faults {
  /** Share of calls that something happens to; 0 once everything is healed. */
  share: number;
  readonly #random: Random;
  readonly #clock: VirtualClock;
  readonly #disturbed: (untilMs: number) => void;

  constructor(options: {
    readonly share: number;
    readonly random: Random;
    readonly clock: VirtualClock;
    /** Told until when the effects of a fault may last. */
    readonly disturbed: (untilMs: number) => void;
  }) {
    this.share = options.share;
    this.#random = options.random;
    this.#clock = options.clock;
    this.#disturbed = options.disturbed;
  }

  /**
   * `act` is done when the call has arrived, unless it fails on the way. `outlives`: a call that was sent is done even when
   * the controller died meanwhile.
   */
  async call<T>(life: Life, what: string, act: () => Promise<T>, { outlives = false } = {}): Promise<T> {
    const fate = this.#fate();
    const slowMs = fate === 'slow' || fate === 'late-answer' ? this.#random.between(200, 4_000) : 0;
    // A failed call is tried again after at most five seconds.
    if (fate !== 'done') this.#disturbed(this.#clock.monotonicMs() + slowMs + 6_000);
    const thereMs = (fate === 'slow' ? slowMs : 0) + this.#random.between(0, 5);
    const backMs = (fate === 'late-answer' ? slowMs : 0) + this.#random.between(0, 5);
    await (outlives ? this.#pass(thereMs) : life.wait(thereMs));
    if (fate === 'failed') throw lost(what);
    const answer = await act();
    await life.wait(backMs);
    if (fate === 'answer-lost') throw lost(what);
    return answer;
  }

  #fate(): Fate {
    if (!this.#random.chance(this.share)) return 'done';
    return this.#random.pick(['failed', 'slow', 'late-answer', 'answer-lost']);
  }

  #pass(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }
}

function lost(what: string): SluiceError {
  return new SluiceError({
    code: what.startsWith('traffic') ? 'router-unreachable' : 'simulated-fault',
    message: `${what} did not answer.`,
    remedy: 'The simulator made it fail; it is tried again.',
  });
}
