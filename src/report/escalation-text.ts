import { unreachable } from '../base/invariant.ts';
import type { Occasion } from '../rollout/occasion.ts';
import { stepsWithPhase } from './checks.ts';
import { clip, code, inline } from './markdown.ts';
import { percent } from './numbers.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';
import { stepText } from './step-text.ts';
import { timelineOf } from './timeline.ts';
import { dateAndTime, zoneOf } from './told-time.ts';

export type EscalatedEvent = Extract<ToldEvent, { type: 'Escalated' }>;

/** The newest things that were done; a person who is called needs these, and the report has the rest. */
const mostActions = 12;

/**
 * The request for a person's help, in the operator's form.
 * @param story the rollout that it is about, with its events up to now: what came after the escalation is left out.
 * @param incident the open incident, where one was opened.
 */
export function escalationText(
  event: EscalatedEvent,
  story: RolloutStory,
  incident: string | null = null,
): string {
  const then = { ...story, events: story.events.filter(({ sequence }) => sequence <= event.sequence) };
  const before = { ...then, events: then.events.filter(({ sequence }) => sequence < event.sequence) };
  const opened = before.events.some(({ type }) => type === 'IncidentOpened');
  const actions = timelineOf(before)
    .filter(({ status }) => status !== 'STOPPED')
    .slice(-mostActions);
  const zone = zoneOf(story);
  return [
    '## Escalation Request',
    '- **Agent:** Sluice (DevOps)',
    `- **Unit ID:** ${story.unit ?? `none (rollout ${story.rollout})`}`,
    `- **Severity:** ${event.severity.toUpperCase()}`,
    `- **Issue:** ${inline(clip(event.issue, 400))}`,
    `- **Impact:** ${inline(impactOf(then))}`,
    '- **Actions Taken:**',
    ...actions.map(
      ({ at, action, status }) =>
        `  - ${dateAndTime(at, zone)} ${inline(action.charAt(0).toUpperCase() + action.slice(1))}${status === '-' ? '' : `: ${status}`}`,
    ),
    ...(incident === null || opened ? [] : [`  - Opened the incident ${inline(incident)}`]),
    `- **Current Status:** ${inline(statusOf(then))}`,
    `- **Help Needed:** ${helpNeeded(event.occasion, then, incident)}`,
    `- **Contacts Notified:** ${inline(notified(story))}`,
    '',
  ].join('\n');
}

/** From what the router counted and the table that it has: never a guess. */
function impactOf({ events, release, target, ending, plan }: RolloutStory): string {
  const batches = events.flatMap((event) => (event.type === 'BatchRecorded' ? [event.batch] : []));
  const own = batches.flatMap(({ instances }) => instances.filter(({ arm }) => arm === 'candidate'));
  const requests = own.reduce((sum, one) => sum + one.requests, 0);
  const bad = own.reduce((sum, one) => sum + one.bad, 0);
  const shielded = own.reduce((sum, one) => sum + (one.shielded ?? 0), 0);
  const version = release?.version ?? 'The candidate';
  const counted =
    requests === 0
      ? `No answer of ${version} to a user was counted.`
      : `${version} answered ${requests} requests of users during its rollout, ${bad} of them failed (${percent(bad / requests)})${shielded > 0 ? `, ${shielded} of which another instance answered instead` : ''}.`;
  const routes = events.findLast((event) => event.type === 'RoutesRequested')?.routes;
  const where = `${target.service} in ${target.environment}`;
  if (routes?.mode === 'maintenance') return `Users of ${where} see the maintenance page. ${counted}`;
  if (ending === 'succeeded') return `${version} serves every user of ${where}. ${counted}`;
  const share = (routes?.candidateWeight ?? 0) / 100;
  const others = plan?.previous?.version;
  const serving =
    share > 0
      ? `${version} still gets ${share} % of the traffic of ${where}.`
      : others === undefined
        ? `Nothing else serves ${where}.`
        : `All traffic of ${where} goes to ${others}.`;
  return `${serving} ${counted}`;
}

function statusOf(story: RolloutStory): string {
  const last = story.events.at(-1);
  const ended = story.events.find((event) => event.type === 'RolloutEnded');
  if (ended !== undefined) {
    const serving = ended.ending === 'succeeded' ? story.release?.version : story.plan?.previous?.version;
    return `The rollout ended ${ended.ending}; serving: ${serving ?? 'nothing, users see the maintenance page'}`;
  }
  const step = stepsWithPhase(story).findLast(({ event }) => event.type === 'StepStarted');
  const back = story.events.some(({ type }) => type === 'GoingBackStarted');
  const steps = (back ? story.plan?.backSteps : story.plan?.steps) ?? [];
  const way = back ? 'Going back' : 'Going forward';
  if (step === undefined || step.step === null || step.back !== back) return `${way}, before the first step`;
  const at = step.event.type === 'StepStarted' ? step.event.index + 1 : 0;
  const broken = last?.type === 'Escalated' && story.events.at(-2)?.type === 'StepBroken';
  return `${way}, step ${at} of ${steps.length} (${stepText(step.step)})${broken ? ' did not work; the next one is taken' : ''}`;
}

function helpNeeded(occasion: Occasion, story: RolloutStory, incident: string | null): string {
  const aimed = `${story.target.service} --to ${story.target.environment}`;
  const close = `then close it with ${code(`sluice incident resolve ${incident ?? `INC-${story.rollout}`} --reason …`)}`;
  switch (occasion) {
    case 'outage':
      return `Bring a release up that works: ${code(`sluice history ${story.target.service}`)} shows what was there, ${code(`sluice rollback ${aimed}`)} goes back to a kept release, or deploy a unit that fixes it; ${close}.`;
    case 'rollback-failed':
      return `Finish the failed step of going back by hand (its output stands under Issue and in ${code(`sluice logs ${aimed}`)}), and check that nothing of the failed release is left; ${close}.`;
    case 'vulnerability':
      return `Assess what the vulnerability exposed, whether the version that serves now has it too, and which secrets must be rotated; ${close}.`;
    case 'data-integrity':
      return `Check the data before anything more is written: decide whether it is repaired, restored from a backup or migrated down, and whether the service must be stopped meanwhile; ${close}.`;
    case 'not-restored':
      return `Find out why the service is not at its old level: ${code(`sluice status ${story.target.service}`)} and ${code(`sluice logs ${aimed}`)} show its instances; ${close}.`;
    default:
      return unreachable(occasion);
  }
}

/** Where Sluice sent it, and whom the configuration wants called. */
function notified({ paperwork }: RolloutStory): string {
  if (paperwork === null) return 'nobody is known';
  const { channels, contacts } = paperwork;
  const people = [
    ...(contacts.primary === null ? [] : [`primary ${contacts.primary}`]),
    ...(contacts.secondary === null ? [] : [`secondary ${contacts.secondary}`]),
  ];
  const sent = channels.length === 0 ? 'no channel is configured' : channels.join(', ');
  return `${people.join(', ') || 'no contact is configured'}; through ${sent}`;
}
