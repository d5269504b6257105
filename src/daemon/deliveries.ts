import { join, resolve } from 'node:path';
import type { ProjectConfig } from '../config/config.ts';
import type { DocumentNames } from '../engine/report-index.ts';
import type { Channel, Notice } from '../ports/notify/port.ts';
import { failureOf, findingOf } from '../report/bug-report.ts';
import { deploymentReport } from '../report/deployment-report.ts';
import { planText } from '../report/plan-text.ts';
import { returnedGates } from '../report/qa-return.ts';
import type { RolloutStory, ToldEvent } from '../report/rollout-story.ts';
import { stepText } from '../report/step-text.ts';
import type { Delivery } from './delivery.ts';
import { bugReportNotice, contactChannels, escalationNotice, notice, qaReturnNotice } from './notices.ts';

/** What an event is told with. */
export interface DeliveryContext {
  readonly config: ProjectConfig;
  /** The rollout that the event is about. */
  readonly story: RolloutStory;
  readonly links: DocumentNames;
  /** Open incident that the event belongs to. */
  readonly incident: string | null;
}

/** Events that somebody is told of; all others pass by. */
export const toldTypes: ReadonlySet<string> = new Set([
  'RolloutRequested',
  'RolloutPlanned',
  'StepStarted',
  'PersonAsked',
  'GoingBackStarted',
  'Escalated',
  'IncidentOpened',
  'RolloutEnded',
]);

/** Everything that one event gives to somebody: documents before the notices that speak of them. */
export function deliveriesOf(event: ToldEvent, context: DeliveryContext): readonly Delivery[] {
  const { story, links, config } = context;
  const tell = (kind: 'start' | 'decision' | 'end', title: string, body: string) =>
    toChannels(notice(kind, event, { story, title, body }), context);
  switch (event.type) {
    case 'RolloutRequested':
      return tell('start', 'started', `${event.by} asked for it (${story.rollout}).`);
    case 'RolloutPlanned':
      return [...planFile(context)];
    case 'StepStarted': {
      const step = story.plan?.steps[event.index];
      const back = story.events.some(
        ({ type, sequence }) => type === 'GoingBackStarted' && sequence < event.sequence,
      );
      if (step?.type !== 'approve' || back) return [];
      const { service, environment } = story.target;
      return tell(
        'decision',
        'waits for approval',
        `${stepText(step)}: \`sluice approve ${service} --to ${environment}\``,
      );
    }
    case 'PersonAsked':
      return tell('decision', 'a person has to decide', event.observed);
    case 'GoingBackStarted':
      return tell(
        'decision',
        'is taken back',
        `${event.reason.message} (${event.reason.code}, by ${event.reason.by})`,
      );
    case 'Escalated': {
      const called = escalationNotice(event, story, context.incident);
      return [
        escalationFile(event, called, context),
        ...toChannels(called, context, contactChannels(config.contacts)),
      ];
    }
    case 'IncidentOpened':
      return [
        bugReportTo(config.workAssigner, bugReportNotice(event, findingOf(event), context)),
        ...tell('decision', `incident ${event.incident}`, event.title),
      ];
    case 'RolloutEnded':
      return [
        { kind: 'file', path: resolve(config.root, links.report), text: deploymentReport(story) },
        ...(story.ending === 'failed'
          ? [bugReportTo(config.workAssigner, bugReportNotice(event, failureOf(story), context))]
          : []),
        ...(returnedGates(story).length === 0
          ? []
          : [{ kind: 'notice', notice: qaReturnNotice(event, story), channel: config.qaInbox } as const]),
        ...tell(
          'end',
          event.ending,
          `${event.reason?.message ?? 'It is stable.'}\n\nReport: ${links.report}`,
        ),
      ];
    default:
      return [];
  }
}

function bugReportTo(channel: Channel, told: Notice): Delivery {
  return { kind: 'notice', notice: told, channel };
}

function planFile({ story, links, config }: DeliveryContext): readonly Delivery[] {
  const { plan, gates, paperwork } = story;
  if (plan === null || paperwork === null) return [];
  return [{ kind: 'file', path: resolve(config.root, links.plan), text: planText(plan, gates, paperwork) }];
}

/** Beside the reports. One rollout can call for people more than once, so its place in the journal is in the name. */
function escalationFile(
  event: Extract<ToldEvent, { type: 'Escalated' }>,
  { body: text }: Notice,
  { config, links }: DeliveryContext,
): Delivery {
  const file = `Escalation-${links.name}-${event.occasion}-${event.sequence}.md`;
  return { kind: 'file', path: join(resolve(config.root, links.report), '..', file), text };
}

function toChannels(
  told: Notice,
  { config, story }: DeliveryContext,
  more: readonly Channel[] = [],
): readonly Delivery[] {
  const own = config.environments.find(({ name }) => name === story.target.environment)?.notices ?? [];
  const channels = new Map([...own, ...more].map((channel) => [JSON.stringify(channel), channel]));
  return [...channels.values()].map((channel) => ({ kind: 'notice', notice: told, channel }));
}
