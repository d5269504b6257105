import type { Clock } from '../base/clock.ts';
import { type Target, targetId } from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { Journal, Lease } from '../journal/journal.ts';
import type { Decision, RolloutCommand } from '../rollout/command.ts';
import type { RolloutEvent } from '../rollout/event.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import { ClockJumps, clockSlackMs } from './clock-jumps.ts';
import { type Core, rolloutCore } from './core.ts';
import { StreamFold } from './fold-stream.ts';
import { TargetSnapshot } from './target-snapshot.ts';

/**
 * Does one pending action and tells what was observed, as commands. It is called again for the same id after a crash or
 * when it rejects, so it must be idempotent. `signal` aborts when the action is not pending any more.
 */
export type Perform = (
  action: PendingAction,
  context: {
    /** At the moment of asking. */
    readonly state: () => TargetState;
    readonly signal: AbortSignal;
    /** For actions that last: tells something before they end. */
    readonly tell: (command: RolloutCommand | (() => RolloutCommand)) => Promise<unknown>;
  },
) => Promise<readonly RolloutCommand[]>;

export interface TargetLoopOptions {
  readonly target: Target;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly perform: Perform;
  /** The lease under which this controller writes. */
  readonly lease: Pick<Lease, 'name' | 'fence'>;
  /** Default: the rules of `src/rollout`. */
  readonly core?: Core;
  /** Told of each failed attempt of an action; it is tried again with backoff. */
  readonly onFailure?: (action: PendingAction, error: unknown) => void;
}

/** Events that are in memory at once while a stream is folded. */
const page = 1_000;
const firstRetryMs = 100;
const longestRetryMs = 5_000;

/**
 * The only loop: load → decide → append → act → record. Commands of one target are decided one after the other; actions
 * run beside them, and what they observed comes back as commands.
 */
export class TargetLoop {
  readonly #options: TargetLoopOptions;
  readonly #core: Core;
  readonly #stream: string;
  readonly #snapshot: TargetSnapshot;
  readonly #running = new Map<string, AbortController>();
  /** Ends the wait of each action that failed and is to be tried again. */
  readonly #retries = new Set<() => void>();
  readonly #jumps: ClockJumps;
  #state: TargetState;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** What the journal holds beyond the state is not known: it is read before the next decision. */
  #unsure = false;

  constructor(options: TargetLoopOptions) {
    this.#options = options;
    this.#jumps = new ClockJumps(options.clock);
    this.#core = options.core ?? rolloutCore;
    this.#stream = `target/${targetId(options.target)}`;
    this.#snapshot = new TargetSnapshot(options.journal, this.#stream);
    this.#state = emptyTarget(options.target);
  }

  get state(): TargetState {
    return this.#state;
  }

  /** Folds the stream, from what was remembered of it on, and takes up whatever is pending. */
  async open(): Promise<void> {
    const opened = this.#turn.then(() => this.#takeUp());
    this.#turn = opened.catch(() => undefined);
    return opened;
  }

  async #takeUp(): Promise<void> {
    this.#state = await this.#snapshot.load(this.#options.target);
    await this.#catchUp();
    this.#reconcile();
  }

  async #catchUp(): Promise<void> {
    const fold = new StreamFold(this.#state, this.#core.evolve);
    let after = this.#state.version;
    for (let full = true; full; ) {
      const events = await this.#options.journal.read(this.#stream, { after, limit: page });
      for (const event of events) fold.add(event);
      after += events.length;
      full = events.length === page;
    }
    this.#state = fold.state();
    if (fold.rest !== null) await this.#remember(fold.rest.state, fold.rest.hash);
    this.#unsure = false;
  }

  /**
   * Decides, appends, and resolves when the events are acknowledged by the journal. A command that depends on what is known
   * at the moment of deciding is given as a function.
   */
  dispatch(command: RolloutCommand | (() => RolloutCommand)): Promise<Decision<RolloutEvent>> {
    const result = this.#turn.then(() => this.#handle(command));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** What failed is tried again now instead of later: whoever calls knows that the world has changed. */
  retry(): void {
    for (const now of [...this.#retries]) now();
  }

  /** Lets go of timers and actions; everything pending is pending again after the next `open`. */
  async close(): Promise<void> {
    this.#end();
    await this.#turn;
  }

  #end(): void {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort();
  }

  async #handle(asked: RolloutCommand | (() => RolloutCommand)): Promise<Decision<RolloutEvent>> {
    if (this.#closed) throw closedError();
    if (this.#unsure) {
      await this.#catchUp();
      this.#reconcile();
    }
    const command = typeof asked === 'function' ? asked() : asked;
    // What was said before the clock was set tells another time than the state that it meets now.
    const now = this.#options.clock.now();
    const at = command.at > now && command.at - now <= clockSlackMs ? command.at : now;
    const byMs = this.#jumps.take();
    if (byMs > 0) await this.#decide({ type: 'RecordClockJump', byMs, at, by: 'controller' });
    return this.#decide({ ...command, at });
  }

  async #decide(command: RolloutCommand): Promise<Decision<RolloutEvent>> {
    const decision = this.#core.decide(this.#state, command);
    if (decision.kind === 'refused' || decision.events.length === 0) return decision;
    const hash = await this.#append(command, decision.events);
    this.#state = decision.events.reduce(this.#core.evolve, this.#state);
    this.#reconcile();
    if (this.#state.rollout === null) await this.#remember(this.#state, hash);
    return decision;
  }

  /** What is not remembered now (a full disk) is offered again; until then a start folds a little more. */
  async #remember(state: TargetState, hash: string): Promise<void> {
    await this.#snapshot.offer(state, hash).catch(() => undefined);
  }

  /** Resolves with the hash of the last one. */
  async #append(command: RolloutCommand, events: readonly RolloutEvent[]): Promise<string> {
    const { journal, lease } = this.#options;
    const { at, by: actor } = command;
    const entries = events.map(({ type, ...data }) => ({ type, data, at, actor }));
    // An append that fails may have been written all the same (a disk that was full before its anchor was).
    this.#unsure = true;
    const result = await journal.append(this.#stream, this.#state.version, entries, { lease });
    this.#unsure = false;
    if (result.kind === 'appended') return result.events.at(-1)?.hash ?? '';
    // Whoever writes here now acts here too: what is under way must not be tried again beside it.
    this.#end();
    throw new SluiceError({
      code: result.kind === 'fenced' ? 'lease-lost' : 'journal-conflict',
      message:
        result.kind === 'fenced'
          ? `Another controller acts on ${this.#stream}: ${result.holder}.`
          : `${this.#stream} was written by someone else: version ${result.actualVersion} instead of ${this.#state.version}.`,
      remedy: 'This controller stops acting on it; `sluice doctor` names the one that holds the lease.',
    });
  }

  /** Starts what is pending and not under way, and ends what is under way and not pending any more. */
  #reconcile(): void {
    if (this.#closed) return;
    const pending = new Map(this.#core.pendingActions(this.#state).map((action) => [action.id, action]));
    for (const [id, controller] of this.#running) {
      if (!pending.has(id)) {
        controller.abort();
        this.#running.delete(id);
      }
    }
    for (const action of pending.values()) {
      if (!this.#running.has(action.id)) this.#start(action);
    }
  }

  #start(action: PendingAction): void {
    const controller = new AbortController();
    this.#running.set(action.id, controller);
    void this.#persist(action, controller.signal).finally(() => {
      if (this.#running.get(action.id) === controller) this.#running.delete(action.id);
    });
  }

  /** Tries until it succeeds or is not pending any more. */
  async #persist(action: PendingAction, signal: AbortSignal): Promise<void> {
    for (let delayMs = firstRetryMs; !signal.aborted; delayMs = Math.min(2 * delayMs, longestRetryMs)) {
      try {
        const commands = await this.#perform(action, signal);
        if (!signal.aborted) await this.#tell(commands);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onFailure?.(action, error);
        await wait(this.#options.clock, delayMs, signal, this.#retries);
      }
    }
  }

  async #perform(action: PendingAction, signal: AbortSignal): Promise<readonly RolloutCommand[]> {
    const { clock, perform } = this.#options;
    if (action.type !== 'tick') {
      return perform(action, {
        state: () => this.#state,
        signal,
        tell: (command) => (signal.aborted ? Promise.resolve() : this.dispatch(command)),
      });
    }
    const { at } = action;
    do {
      await wait(clock, at - clock.now(), signal);
      // A clock that was set back meanwhile is waited for anew.
    } while (!signal.aborted && clock.now() < at - clockSlackMs);
    return [{ type: 'Tick', at: Math.max(clock.now(), at), by: 'controller' }];
  }

  async #tell(commands: readonly RolloutCommand[]): Promise<void> {
    for (const command of commands) await this.dispatch(command);
  }
}

/** Resolves after the delay, when the signal aborts or when its member of `ends` is called; leaves no timer behind. */
function wait(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal,
  ends: Set<() => void> = new Set(),
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
    ends.add(done);
    function done(): void {
      cancel();
      ends.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

function closedError(): SluiceError {
  return new SluiceError({
    code: 'controller-stopping',
    message: 'The controller is stopping and takes no more commands.',
    remedy: 'Try again in a moment: the command line starts a controller when there is none.',
  });
}
