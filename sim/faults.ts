import { SluiceError } from '../src/base/sluice-error.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import type { Port } from './scenario.ts';
import type { Strikes } from './strikes.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What can happen to a call on its way to a port and back. */
type Fate =
  | 'done'
  | 'failed'
  | 'slow'
  | 'late-answer'
  | 'answer-lost'
  | 'twice'
  | 'killed-before'
  | 'killed-after';

const fates: readonly Fate[] = ['failed', 'slow', 'late-answer', 'answer-lost', 'twice'];
const deadly: readonly Fate[] = ['killed-before', 'killed-after'];

/** What a trace says of it; the deaths are told where they happen. */
const sentences: Readonly<Record<Exclude<Fate, 'done'>, string | null>> = {
  failed: '… is lost on its way',
  slow: '… takes # ms to arrive',
  'late-answer': 'the answer to … takes # ms',
  'answer-lost': '… is done, and its answer is lost',
  twice: '… arrives twice',
  'killed-before': null,
  'killed-after': null,
};

const hotShare = 0.3;

/** Makes calls take virtual time and lets some go wrong. Each call draws from a source of its own. */
export class Faults {
  /** Share of calls that something happens to; 0 once everything is healed. */
  share: number;
  readonly #hotPort: Port | null;
  readonly #strikes: Strikes;
  readonly #clock: VirtualClock;
  readonly #disturbed: (untilMs: number) => void;
  readonly #kills: boolean;
  readonly #fates: readonly Fate[];
  readonly #dies: (life: Life, at: string) => void;
  readonly #count: (what: string) => void;
  readonly #trace: (line: string) => void;

  constructor(options: {
    readonly share: number;
    readonly hotPort: Port | null;
    readonly strikes: Strikes;
    readonly clock: VirtualClock;
    /** The controller may die at any of its calls. */
    readonly kills: boolean;
    readonly dies: (life: Life, at: string) => void;
    readonly count: (what: string) => void;
    readonly trace: (line: string) => void;
    /** Told until when the effects of a fault may last. */
    readonly disturbed: (untilMs: number) => void;
  }) {
    this.share = options.share;
    this.#hotPort = options.hotPort;
    this.#strikes = options.strikes;
    this.#clock = options.clock;
    this.#disturbed = options.disturbed;
    this.#kills = options.kills;
    this.#fates = options.kills ? [...fates, ...fates, ...deadly] : fates;
    this.#dies = options.dies;
    this.#count = options.count;
    this.#trace = options.trace;
  }

  /**
   * `act` is done when the call has arrived, unless it fails on the way. `outlives`: a call that was sent is done even when
   * the controller died meanwhile. `againWithinMs`: how late one that is delivered twice may arrive for the second time.
   */
  async call<T>(
    life: Life,
    port: Port,
    what: string,
    act: () => Promise<T>,
    { outlives = false, againWithinMs = 0 } = {},
  ): Promise<T> {
    const name = this.#strikes.next(what);
    const random = this.#strikes.random(name);
    const fate = this.#fate(port, name, random);
    const slowMs = fate === 'slow' || fate === 'late-answer' ? random.between(200, 4_000) : 0;
    if (fate !== 'done') this.#tell(fate, what, slowMs);
    const thereMs = (fate === 'slow' ? slowMs : 0) + random.between(0, 5);
    const backMs = (fate === 'late-answer' ? slowMs : 0) + random.between(0, 5);
    if (fate === 'killed-before') this.#dies(life, `the call of ${what}`);
    await (outlives ? this.#pass(thereMs) : life.wait(thereMs));
    if (fate === 'failed') throw lost(port, what);
    const answer = await act();
    if (fate === 'twice') this.#again(act, againWithinMs * random.number());
    if (fate === 'killed-after') this.#dies(life, `the answer to ${what}`);
    await life.wait(backMs);
    if (fate === 'answer-lost') throw lost(port, what);
    return answer;
  }

  #tell(fate: Exclude<Fate, 'done'>, what: string, slowMs: number): void {
    this.#count(`calls ${fate}`);
    // A failed call is tried again after at most five seconds.
    this.#disturbed(this.#clock.monotonicMs() + slowMs + 6_000);
    const told = sentences[fate];
    if (told !== null) this.#trace(told.replace('…', what).replace('#', `${slowMs}`));
  }

  /** The same call arrives once more; whoever made it hears nothing of that. */
  #again(act: () => Promise<unknown>, afterMs: number): void {
    this.#clock.after(afterMs, () => void act().catch(() => undefined));
  }

  /** True when the controller dies at an await that has no other faults; `at` names it. */
  dieAt(life: Life, at: string, options: { readonly random: Random; readonly chance: number }): boolean {
    const dies = this.#kills && options.random.chance(options.chance);
    if (!dies || !this.#strikes.happens(`death at ${at}`)) return false;
    this.#disturbed(this.#clock.monotonicMs() + 6_000);
    this.#dies(life, at);
    return true;
  }

  /** True when a write fails after everything was written. */
  tears(name: string, random: Random): boolean {
    if (!random.chance(this.share / 8) || !this.#strikes.happens(`torn: ${name}`)) return false;
    this.#disturbed(this.#clock.monotonicMs() + 6_000);
    this.#count('writes torn');
    this.#trace(`the ${name} is written, and the disk fails`);
    return true;
  }

  #fate(port: Port, name: string, random: Random): Fate {
    const hot = port === this.#hotPort && this.share > 0;
    if (!random.chance(hot ? hotShare : this.share)) return 'done';
    const fate = random.pick(this.#fates);
    return this.#strikes.happens(`${fate}: ${name}`) ? fate : 'done';
  }

  #pass(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }
}

function lost(port: Port, what: string): SluiceError {
  return new SluiceError({
    code: port === 'traffic' ? 'router-unreachable' : 'simulated-fault',
    message: `${what} did not answer.`,
    remedy: 'The simulator made it fail; it is tried again.',
  });
}
