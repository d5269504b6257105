import { unreachable } from '../../base/invariant.ts';
import { advance } from './advance.ts';
import type { RunCommand } from './command.ts';
import type { RunEvent } from './event.ts';
import { takeWord } from './people.ts';
import { Progress } from './progress.ts';
import { record } from './record.ts';
import { type Refusal, refusal } from './refusal.ts';
import { renewPlan } from './renew-plan.ts';
import { startRun } from './start-run.ts';
import type { WorkflowRun } from './state.ts';

export type RunDecision = { readonly kind: 'decided'; readonly events: readonly RunEvent[] } | Refusal;

/** What comes of a command: events, together with everything that follows of itself, or a refusal that changes nothing. */
export function decide(run: WorkflowRun, command: RunCommand): RunDecision {
  if (command.type === 'StartRun') {
    if (run.status !== 'none') {
      return refusal('run-exists', `${run.run} was started already.`, 'Choose another name, or resume it.');
    }
  } else if (run.status !== 'running') {
    // What was observed of a run that has ended is no news; a person is told.
    return isObservation(command)
      ? { kind: 'decided', events: [] }
      : refusal(
          'run-ended',
          `${run.run} ${run.status === 'none' ? 'was never started' : `has ended: ${run.status}`}.`,
          'Start it anew with `sluice workflow run`; --from STEP leaves out what is done.',
        );
  }
  const progress = new Progress(run, command.at);
  const refused = take(progress, command);
  if (refused !== null) return refused;
  advance(progress);
  return { kind: 'decided', events: progress.events };
}

function isObservation({ type }: RunCommand): boolean {
  return type.startsWith('Record') || type === 'Tick';
}

function take(progress: Progress, command: RunCommand): Refusal | null {
  switch (command.type) {
    case 'StartRun':
      return startRun(progress, command);
    case 'RecordPreconditions':
    case 'RecordSnapshot':
    case 'RecordSnapshotFailed':
    case 'RecordPerformed':
    case 'RecordJudged':
    case 'RecordReverted':
    case 'RecordNotified':
    case 'RecordEscalated':
    case 'RecordGroupJudged':
      record(progress, command);
      return null;
    case 'RenewPlan':
      return renewPlan(progress, command);
    case 'Take':
    case 'Complete':
    case 'Block':
    case 'Accept':
    case 'Retry':
    case 'Skip':
    case 'RaiseConcern':
    case 'ResolveConcern':
    case 'Resume':
    case 'Cancel':
      return takeWord(progress, command);
    case 'Tick':
    // Waits of a run are backoffs: one that ends early hurts nobody.
    case 'RecordClockJump':
      return null;
    default:
      return unreachable(command);
  }
}
