import type { JournalEvent } from '../src/journal/journal.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import type { Ledger } from './ledger.ts';

/** What an event tells of where rollouts have been; names as in `coverage.ts`. */
export function phasesOf({ type, data }: JournalEvent, ledger: Ledger): readonly string[] {
  const event = { type, ...(data as object) } as RolloutEvent;
  switch (event.type) {
    case 'RolloutRequested':
      return ['phase verifying'];
    case 'RolloutQueued':
      return ['phase queued'];
    case 'RolloutPlanned':
      return [`strategy ${event.plan.kind === 'rollback' ? 'none: a rollback' : event.plan.strategy.kind}`];
    case 'StepStarted':
      return [`phase ${ledger.rollout?.phase} ${ledger.step()?.type}`];
    case 'RolloutPaused':
      return ['phase paused by hand'];
    case 'PersonAsked':
      return ['phase a person is asked'];
    case 'Escalated':
      return ['phase escalated'];
    case 'GoingBackStarted':
      return event.reason.code === 'superseded' ? ['rollouts superseded'] : [];
    case 'BatchRecorded':
      return event.batch.instances.some(({ shielded = 0 }) => shielded > 0)
        ? ['phase users are shielded']
        : [];
    default:
      return [];
  }
}
