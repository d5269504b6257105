import { blockingGates } from '../rollout/gate.ts';
import { stepsWithPhase } from './checks.ts';
import { clip, inline } from './markdown.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';
import { statusWord } from './status-word.ts';
import { stepText } from './step-text.ts';
import { span } from './told-time.ts';

/** One line of what happened. The action is plain text. */
export interface Happening {
  readonly at: number;
  readonly action: string;
  readonly status: string;
}

/** What happened, in order; the small steps of the machine are left out. */
export function timelineOf(story: RolloutStory): readonly Happening[] {
  const steps = stepsWithPhase(story);
  return steps.flatMap(({ event, step, back }, position) => {
    const told = (action: string, status = '-') => [{ at: event.when, action: clip(action, 200), status }];
    switch (event.type) {
      case 'StepStarted': {
        const rest = steps.slice(position + 1);
        const ends = rest.find(({ event: { type } }) =>
          ['StepCompleted', 'GoingBackStarted', 'RolloutEnded'].includes(type),
        );
        const stopped = step !== null && ends !== undefined && ends.event.type !== 'StepCompleted';
        return stopped ? told(`${back ? 'Back: ' : ''}${stepText(step)}`, 'STOPPED') : [];
      }
      case 'StepCompleted': {
        if (step === null) return [];
        const broken = steps
          .slice(0, position)
          .some((one) => one.event.type === 'StepBroken' && one.back && one.step === step);
        const how = event.how === '' ? '' : ` (${clip(event.how, 140)})`;
        return told(`${back ? 'Back: ' : ''}${stepText(step)}${how}`, broken ? 'FAILED' : 'SUCCESS');
      }
      default:
        return happening(event, story, told);
    }
  });
}

function happening(
  event: ToldEvent,
  story: RolloutStory,
  told: (action: string, status?: string) => readonly Happening[],
): readonly Happening[] {
  switch (event.type) {
    case 'RolloutRequested':
      return told(`Started deployment, asked for by ${event.by}`);
    case 'RolloutPlanned':
      return told(
        `Verified ${event.gates.length} gates and planned ${event.plan.steps.length} steps`,
        'SUCCESS',
      );
    case 'VerificationFailed': {
      const names = blockingGates(event.gates).map(({ gate }) => gate);
      return told(`Verification: ${names.join(', ') || 'a gate'} did not hold`, 'FAILED');
    }
    case 'ApprovalGiven':
      return told(
        `Approved by ${event.by} as ${event.role}${event.comment === '' ? '' : `: ${event.comment}`}`,
        'SUCCESS',
      );
    case 'StepPromotedByHand':
      return told(`Gone on by hand of ${event.by}: ${event.reason}`);
    case 'RolloutPaused':
      return told(`Paused by ${event.by}`);
    case 'RolloutResumed':
      return told(`Resumed by ${event.by}`);
    case 'PersonAsked':
      return told(`A person is asked: ${event.observed}`, 'WAITING');
    case 'VerdictReached':
      return event.ok ? [] : told(`Verdict: ${event.observed}`, 'FAIL');
    case 'CommandFinished':
      return event.ok ? [] : told(`Command ended: ${event.output}`, 'FAILED');
    case 'InstanceObserved':
      return lostStates.has(event.status)
        ? told(
            `${event.instance} ${event.status}${event.reason === null ? '' : `: ${event.reason}`}`,
            'FAILED',
          )
        : [];
    case 'GoingBackStarted':
      return told(
        `Going back (${event.reason.code}, by ${event.reason.by}): ${event.reason.message}`,
        'ROLLBACK',
      );
    case 'RestorationLate':
      return told(event.message, 'FAILED');
    case 'Escalated':
      return told(`A person is called (${event.occasion}): ${event.issue}`, event.severity.toUpperCase());
    case 'IncidentOpened':
      return told(`Incident ${event.incident} opened: ${event.title}`, event.severity.toUpperCase());
    case 'RolloutEnded':
      return told(`Deployment ended: ${event.ending}`, statusWord(story).toUpperCase());
    default:
      return [];
  }
}

const lostStates: ReadonlySet<string> = new Set(['unready', 'restarting', 'crash-looping', 'failed']);

/** The action with its place since the start; steps take seconds, and the first column tells minutes. */
export function actionText({ at, action }: Happening, startedAt: number): string {
  const since = at - startedAt;
  const text = inline(action.charAt(0).toUpperCase() + action.slice(1));
  return since <= 0 ? text : `${text} (+${span(since)})`;
}
