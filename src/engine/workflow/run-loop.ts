import type { Clock } from '../../base/clock.ts';
import type { Journal, JournalEvent, Lease } from '../../journal/journal.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import { decide } from '../../workflow/run/decide.ts';
import type { RunEvent } from '../../workflow/run/event.ts';
import { apply, draftOf, evolve, type RunDraft } from '../../workflow/run/evolve.ts';
import { pendingActions, type RunAction } from '../../workflow/run/pending-actions.ts';
import { emptyRun, type WorkflowRun } from '../../workflow/run/state.ts';
import { type Fold, type Memory, type PerformAction, type Rules, StreamLoop } from '../stream-loop.ts';

export type PerformRun = PerformAction<WorkflowRun, RunCommand, RunAction>;

export interface RunLoopOptions {
  readonly run: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly perform: PerformRun;
  readonly lease: Pick<Lease, 'name' | 'fence'>;
  readonly onFailure?: (action: RunAction, error: unknown) => void;
}

export const streamPrefix = 'workflow/';

/** The loop of one run: the rules of workflows on the stream `workflow/…`. */
export class RunLoop extends StreamLoop<WorkflowRun, RunCommand, RunEvent, RunAction> {
  constructor({ run, ...options }: RunLoopOptions) {
    super({ ...options, stream: `${streamPrefix}${run}`, rules, memory: memoryOf(run) });
  }
}

const rules: Rules<WorkflowRun, RunCommand, RunEvent, RunAction> = {
  decide,
  evolve,
  // Each copy of a run of ten thousand steps takes a millisecond.
  evolveAll(run, events) {
    if (events.length === 0) return run;
    const draft = draftOf(run);
    for (const event of events) apply(draft, event);
    return draft;
  },
  pendingActions,
  dueAt: (action) => (action.type === 'tick' ? action.at : null),
  tick: (at) => ({ type: 'Tick', at, by: 'controller' }),
  clockJump: (byMs, at) => ({ type: 'RecordClockJump', byMs, at, by: 'controller' }),
};

function memoryOf(run: string): Memory<WorkflowRun> {
  const empty = emptyRun(run);
  return { empty, load: async () => empty, fold: (state) => new RunFold(state), offer: async () => {} };
}

/** Folds as `evolve` does, into one copy. */
export class RunFold implements Fold<WorkflowRun> {
  readonly rest = null;
  readonly #draft: RunDraft;

  constructor(state: WorkflowRun) {
    this.#draft = draftOf(state);
  }

  add({ type, data }: JournalEvent): void {
    apply(this.#draft, { type, ...(data as object) } as RunEvent);
  }

  state(): WorkflowRun {
    return this.#draft;
  }
}
