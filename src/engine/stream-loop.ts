import { type Clock, clockSlackMs } from '../base/clock.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { Journal, JournalEvent, Lease } from '../journal/journal.ts';
import { ClockJumps } from './clock-jumps.ts';

/** What every command says beside what it asks for: when, and who. */
export interface LoopCommand {
  readonly at: number;
  readonly by: string;
}

/** What is to be done next, derived from the state. A `tick` waits for its moment `at`, in ms of the wall clock. */
export interface LoopAction {
  /** The same for the same work, before and after a crash. */
  readonly id: string;
  readonly type: string;
}

export type LoopDecision<Event> =
  | { readonly kind: 'decided'; readonly events: readonly Event[] }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly remedy: string };

/** The pure rules of a room: what a command leads to, what an event makes of the state, and what is to be done then. */
export interface Rules<State, Command, Event, Action> {
  decide(state: State, command: Command): LoopDecision<Event>;
  evolve(state: State, event: Event): State;
  /** The same of several events, where that costs less than one by one. */
  evolveAll?(state: State, events: readonly Event[]): State;
  pendingActions(state: State): readonly Action[];
  /** When the moment of this action comes, ms of the wall clock; null for one that `perform` does. */
  dueAt(action: Action): number | null;
  /** Said when the moment of an action has come. */
  tick(at: number): Command;
  /** Said before the next command where the wall clock was set forward by so much. */
  clockJump(byMs: number, at: number): Command;
}

/** Reads a stream on from a state. */
export interface Fold<State> {
  add(event: JournalEvent): void;
  state(): State;
  /** A state on the way that is worth to be remembered, with the hash of its last event; null: none was come by. */
  readonly rest: { readonly state: State; readonly hash: string } | null;
}

/** What is remembered of a stream beside its events, so that a start need not fold all of them. */
export interface Memory<State> {
  readonly empty: State;
  /** The newest state that was remembered, or the empty one. */
  load(): Promise<State>;
  fold(state: State): Fold<State>;
  /** Offered after each append; takes what is worth it. */
  offer(state: State, hash: string): Promise<void>;
}

/**
 * Does one pending action and tells what was observed, as commands. It is called again for the same id after a crash or
 * when it rejects, so it must be idempotent. `signal` aborts when the action is not pending any more.
 */
export type PerformAction<State, Command, Action> = (
  action: Action,
  context: {
    /** At the moment of asking. */
    readonly state: () => State;
    readonly signal: AbortSignal;
    /** For actions that last: tells something before they end. */
    readonly tell: (command: Command | (() => Command)) => Promise<unknown>;
  },
) => Promise<readonly Command[]>;

interface Decided<Command, Event> {
  readonly command: Command;
  readonly events: readonly Event[];
}

export interface StreamLoopOptions<State, Command, Event, Action> {
  readonly stream: string;
  readonly rules: Rules<State, Command, Event, Action>;
  readonly memory: Memory<State>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly perform: PerformAction<State, Command, Action>;
  /** The lease under which this controller writes. */
  readonly lease: Pick<Lease, 'name' | 'fence'>;
  /** Told of each failed attempt of an action; it is tried again with backoff. */
  readonly onFailure?: (action: Action, error: unknown) => void;
}

/** Events that are in memory at once while a stream is folded. */
const page = 1_000;
const firstRetryMs = 100;
const longestRetryMs = 5_000;

/**
 * The only loop: load → decide → append → act → record. Commands of one stream are decided one after the other; actions
 * run beside them, and what they observed comes back as commands.
 */
export class StreamLoop<
  State extends { readonly version: number },
  Command extends LoopCommand,
  Event extends { readonly type: string },
  Action extends LoopAction,
> {
  readonly #options: StreamLoopOptions<State, Command, Event, Action>;
  readonly #running = new Map<string, AbortController>();
  /** Ends the wait of each action that failed and is to be tried again. */
  readonly #retries = new Set<() => void>();
  readonly #jumps: ClockJumps;
  #state: State;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** What the journal holds beyond the state is not known: it is read before the next decision. */
  #unsure = false;
  #makingSure = false;
  readonly #ending = new AbortController();

  constructor(options: StreamLoopOptions<State, Command, Event, Action>) {
    this.#options = options;
    this.#jumps = new ClockJumps(options.clock);
    this.#state = options.memory.empty;
  }

  get state(): State {
    return this.#state;
  }

  /** Folds the stream, from what was remembered of it on, and takes up whatever is pending. */
  async open(): Promise<void> {
    const opened = this.#turn.then(() => this.#takeUp());
    this.#turn = opened.catch(() => undefined);
    return opened;
  }

  async #takeUp(): Promise<void> {
    this.#state = await this.#options.memory.load();
    await this.#catchUp();
    this.#reconcile();
  }

  async #catchUp(): Promise<void> {
    const { journal, memory, stream } = this.#options;
    const fold = memory.fold(this.#state);
    let after = this.#state.version;
    for (let full = true; full; ) {
      const events = await journal.read(stream, { after, limit: page });
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
  dispatch(command: Command | (() => Command)): Promise<LoopDecision<Event>> {
    const result = this.#turn.then(() => this.#handle(command));
    // Only that it ended is kept: what was decided, and all that hangs on it, must not live until the next command.
    this.#turn = result.then(nothing, nothing);
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
    this.#ending.abort();
    for (const controller of this.#running.values()) controller.abort();
  }

  async #handle(asked: Command | (() => Command)): Promise<LoopDecision<Event>> {
    const [decision] = await this.#decideAll(() => [typeof asked === 'function' ? asked() : asked]);
    // One command has one decision.
    return decision as LoopDecision<Event>;
  }

  /** One after the other, each on what came of those before it; what they lead to is one append. */
  async #decideAll(asked: () => readonly Command[]): Promise<readonly LoopDecision<Event>[]> {
    if (this.#closed) throw closedError();
    if (this.#unsure) await this.#readAgain();
    const { clock, rules } = this.#options;
    const commands = asked();
    // What was said before the clock was set tells another time than the state that it meets now.
    const now = clock.now();
    const timely = (at: number) => (at > now && at - now <= clockSlackMs ? at : now);
    const byMs = this.#jumps.take();
    const [first] = commands;
    if (byMs > 0 && first !== undefined) await this.#decide([rules.clockJump(byMs, timely(first.at))]);
    return this.#decide(commands.map((command) => ({ ...command, at: timely(command.at) })));
  }

  async #decide(commands: readonly Command[]): Promise<readonly LoopDecision<Event>[]> {
    const { rules } = this.#options;
    const decided: Decided<Command, Event>[] = [];
    let state = this.#state;
    const decisions = commands.map((command) => {
      const decision = rules.decide(state, command);
      if (decision.kind === 'refused') return decision;
      decided.push({ command, events: decision.events });
      state = rules.evolveAll?.(state, decision.events) ?? decision.events.reduce(rules.evolve, state);
      return decision;
    });
    if (decided.every(({ events }) => events.length === 0)) return decisions;
    const hash = await this.#append(decided);
    this.#state = state;
    this.#reconcile();
    await this.#remember(state, hash);
    return decisions;
  }

  /** What is not remembered now (a full disk) is offered again; until then a start folds a little more. */
  async #remember(state: State, hash: string): Promise<void> {
    await this.#options.memory.offer(state, hash).catch(() => undefined);
  }

  async #readAgain(): Promise<void> {
    await this.#catchUp();
    this.#reconcile();
  }

  /** Nobody may ask for anything any more, and what a failed append has written all the same must go on. */
  async #makeSure(): Promise<void> {
    if (this.#makingSure) return;
    this.#makingSure = true;
    const { signal } = this.#ending;
    for (let delayMs = firstRetryMs; this.#unsure; delayMs = Math.min(2 * delayMs, longestRetryMs)) {
      await wait(this.#options.clock, delayMs, signal, this.#retries);
      if (signal.aborted) return;
      const read = this.#turn.then(() => (this.#unsure && !this.#closed ? this.#readAgain() : undefined));
      this.#turn = read.catch(() => undefined);
      await this.#turn;
    }
    this.#makingSure = false;
  }

  /** Resolves with the hash of the last one. */
  async #append(decided: readonly Decided<Command, Event>[]): Promise<string> {
    const { journal, lease, stream } = this.#options;
    const entries = decided.flatMap(({ command: { at, by: actor }, events }) =>
      events.map(({ type, ...data }) => ({ type, data, at, actor })),
    );
    // An append that fails may have been written all the same (a disk that was full before its anchor was).
    this.#unsure = true;
    const result = await journal
      .append(stream, this.#state.version, entries, { lease })
      .catch((error: unknown) => {
        void this.#makeSure();
        throw error;
      });
    this.#unsure = false;
    if (result.kind === 'appended') return result.events.at(-1)?.hash ?? '';
    // Whoever writes here now acts here too: what is under way must not be tried again beside it.
    this.#end();
    throw new SluiceError({
      code: result.kind === 'fenced' ? 'lease-lost' : 'journal-conflict',
      message:
        result.kind === 'fenced'
          ? `Another controller acts on ${stream}: ${result.holder}.`
          : `${stream} was written by someone else: version ${result.actualVersion} instead of ${this.#state.version}.`,
      remedy: 'This controller stops acting on it; `sluice doctor` names the one that holds the lease.',
    });
  }

  /** Starts what is pending and not under way, and ends what is under way and not pending any more. */
  #reconcile(): void {
    if (this.#closed) return;
    const pending = new Map(
      this.#options.rules.pendingActions(this.#state).map((action) => [action.id, action]),
    );
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

  #start(action: Action): void {
    const controller = new AbortController();
    this.#running.set(action.id, controller);
    void this.#persist(action, controller.signal).finally(() => {
      if (this.#running.get(action.id) === controller) this.#running.delete(action.id);
    });
  }

  /** Tries until it succeeds or is not pending any more. */
  async #persist(action: Action, signal: AbortSignal): Promise<void> {
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

  async #perform(action: Action, signal: AbortSignal): Promise<readonly Command[]> {
    const { clock, perform, rules } = this.#options;
    const at = rules.dueAt(action);
    if (at === null) {
      return perform(action, {
        state: () => this.#state,
        signal,
        tell: (command) => (signal.aborted ? Promise.resolve() : this.dispatch(command)),
      });
    }
    do {
      await wait(clock, at - clock.now(), signal);
      // A clock that was set back meanwhile is waited for anew.
    } while (!signal.aborted && clock.now() < at - clockSlackMs);
    return [rules.tick(Math.max(clock.now(), at))];
  }

  /** What one action observed is on record whole, or not at all. */
  async #tell(commands: readonly Command[]): Promise<void> {
    if (commands.length === 0) return;
    const told = this.#turn.then(() => this.#decideAll(() => commands));
    this.#turn = told.catch(() => undefined);
    await told;
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

function nothing(): void {}

function closedError(): SluiceError {
  return new SluiceError({
    code: 'controller-stopping',
    message: 'The controller is stopping and takes no more commands.',
    remedy: 'Try again in a moment: the command line starts a controller when there is none.',
  });
}
