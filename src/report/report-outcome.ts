import { stepsWithPhase } from './checks.ts';
import { clip, inline } from './markdown.ts';
import type { ReplayedEvidence } from './replayed-evidence.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';
import { dateAndTime, span, zoneOf } from './told-time.ts';
import { usersMetText } from './users-met.ts';

/** Everything that did not go as planned, each with how it was resolved or what is to be done. */
export function issuesSection(story: RolloutStory): readonly string[] {
  const gates = story.gates
    .filter(({ holds }) => !holds)
    .map(({ gate, observed, remedy, onFailure }) => {
      const how = onFailure === 'warn' ? 'Accepted, as it only warns.' : remedy;
      return issue(`Gate ${gate} did not hold: ${observed}`, how);
    });
  const met = story.events.flatMap((event) => issueOf(event, story));
  const issues = [...gates, ...met];
  return issues.length === 0 ? ['None.'] : issues;
}

function issueOf(event: ToldEvent, { events, unit }: RolloutStory): readonly string[] {
  switch (event.type) {
    case 'GoingBackStarted':
      return [
        issue(clip(event.reason.message, 200), 'The candidate was taken back; see the rollback status.'),
      ];
    case 'CommandFinished':
      return event.ok ? [] : [issue(`A command failed: ${event.output}`, 'The step was not passed.')];
    case 'InstanceObserved': {
      if (!['unready', 'restarting', 'crash-looping', 'failed'].includes(event.status)) return [];
      const later = events.slice(events.indexOf(event) + 1);
      const recovered = later.some(
        (one) => one.type === 'InstanceObserved' && one.instance === event.instance && one.status === 'ready',
      );
      const what = `${event.instance} was ${event.status}${event.reason === null ? '' : `: ${event.reason}`}`;
      return [issue(what, recovered ? 'It became ready again.' : 'It had no traffic from then on.')];
    }
    case 'InstanceDrained':
      return event.cutOff === 0
        ? []
        : [
            issue(
              `${event.cutOff} requests were cut off when ${event.instance} was drained`,
              'Raise its drain deadline.',
            ),
          ];
    case 'StepBroken':
      return [issue(event.message, 'A person was called, and the next step back was taken.')];
    case 'RestorationLate':
      return [issue(event.message, 'A person was called.')];
    case 'Escalated':
      return [issue(`Escalated (${event.occasion}): ${event.issue}`, 'It waits on a person.')];
    case 'IncidentOpened': {
      const hotfix =
        unit === null ? '' : `, or deploy a unit whose QA report says \`fixes: ${event.incident}\``;
      return [
        `${issue(`Incident ${event.incident} (${event.severity}): ${clip(event.title, 120)}`, '')} Close it with \`sluice incident resolve ${event.incident}\`${hotfix}.`,
      ];
    }
    default:
      return [];
  }
}

function issue(what: string, how: string): string {
  const said = inline(clip(what, 400));
  return `- ${said}${/[.!?…]$/.test(said) ? '' : '.'}${how === '' ? '' : ` ${inline(clip(how, 300))}`}`;
}

/** Whether going back was needed, why, how long each part took, and whether the old level is there again. */
export function rollbackSection(story: RolloutStory, replayed: ReplayedEvidence | null): readonly string[] {
  const { events, plan, isRollback } = story;
  const back = events.find((event) => event.type === 'GoingBackStarted');
  if (back === undefined) {
    const why =
      story.ending === 'succeeded'
        ? isRollback
          ? 'this rollout is a rollback itself, and it reached its end'
          : 'the release is stable'
        : 'users never met the candidate';
    return ['- Rollback required: No', `- Details: ${why}`];
  }
  const { reason, hadTraffic } = back;
  const restored = events.findLast((event) => event.type === 'RestorationVerified');
  const kept = events.findLast((event) => event.type === 'EvidencePreserved');
  const met = replayed?.evidence.candidate;
  const zone = zoneOf(story);
  return [
    `- Rollback required: ${hadTraffic ? 'Yes' : 'No, users never met the candidate'}`,
    `- Reason: ${inline(reason.message)} (${inline(reason.code)}, by ${inline(reason.by)})`,
    `- Decided: ${dateAndTime(back.when, zone)} ${zone}, ${span(back.when - story.startedAt)} after the start`,
    ...restoredAfter(story, back.when),
    `- Now serving: ${inline(plan?.previous?.version ?? 'nothing, users see the maintenance page')}`,
    `- Verified: ${restored === undefined ? 'there was nothing to verify' : `${restored.holds ? 'yes' : 'NO'}, ${inline(restored.observed)}`}`,
    ...(met === undefined || met.requests === 0
      ? []
      : [`- Users of the candidate until then: ${usersMetText(met)}`]),
    `- Evidence kept: ${kept === undefined ? 'none' : inline(kept.location)}`,
  ];
}

/** When all traffic was back: the router had acknowledged the table of the restore step. */
function restoredAfter(story: RolloutStory, decidedAt: number): readonly string[] {
  const done = stepsWithPhase(story).find(
    ({ event, step, back }) => back && event.type === 'StepCompleted' && step?.type === 'restore',
  );
  return done === undefined ? [] : [`- Traffic back after: ${span(done.event.when - decidedAt)}`];
}
