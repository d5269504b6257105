import type { DocumentNames } from '../engine/report-index.ts';
import type { Channel, Notice } from '../ports/notify/port.ts';
import { bugReport, type Finding } from '../report/bug-report.ts';
import { type EscalatedEvent, escalationText } from '../report/escalation-text.ts';
import { qaReturn } from '../report/qa-return.ts';
import { reportFacts } from '../report/report-facts.ts';
import type { RolloutStory, ToldEvent } from '../report/rollout-story.ts';

/** A short word for the channels of the environment: start, decision or end. */
export function notice(
  kind: 'start' | 'decision' | 'end',
  event: ToldEvent,
  { story, title, body }: { readonly story: RolloutStory; readonly title: string; readonly body: string },
): Notice {
  const { service, environment } = story.target;
  const version = story.release?.version ?? story.unit ?? story.rollout;
  return {
    id: `${kind}-${story.rollout}-${event.sequence}`,
    kind,
    at: event.when,
    title: `${service} ${version} in ${environment}: ${title}`,
    body,
    facts: { rollout: story.rollout, event: event.type, ...reportFacts(story) },
  };
}

/** `document` among the facts is for commands, which get nothing but the facts. */
export function escalationNotice(
  event: EscalatedEvent,
  story: RolloutStory,
  incident: string | null,
): Notice {
  const { service, environment } = story.target;
  const { occasion, severity, issue } = event;
  const document = escalationText(event, story, incident);
  return {
    id: `escalation-${story.rollout}-${event.sequence}`,
    kind: 'escalation',
    at: event.when,
    title: `${severity.toUpperCase()} ${service} in ${environment} needs a person (${occasion}): ${issue}`,
    body: document,
    facts: {
      rollout: story.rollout,
      occasion,
      severity,
      issue,
      incident,
      document,
      contacts: story.paperwork?.contacts ?? null,
      ...reportFacts(story),
    },
  };
}

export function bugReportNotice(
  event: ToldEvent,
  finding: Finding,
  { story, links }: { readonly story: RolloutStory; readonly links: DocumentNames },
): Notice {
  const { id, severity, title } = finding;
  const document = bugReport(finding, story, {
    report: links.report.replace(/\.md$/, ''),
    plan: links.plan,
  });
  return {
    id: `BUG-${id}`,
    kind: 'bug-report',
    at: event.when,
    title: `${id} (${severity}): ${title}`,
    body: document,
    facts: {
      rollout: story.rollout,
      incident: finding.incident ? id : null,
      severity,
      report: links.report,
      document,
      ...reportFacts(story),
    },
  };
}

export function qaReturnNotice(event: ToldEvent, story: RolloutStory): Notice {
  const document = qaReturn(story);
  return {
    id: `QA-Return-${story.unit ?? 'none'}-${story.rollout}`,
    kind: 'qa-return',
    at: event.when,
    title: `Returned to QA: ${story.unit ?? story.rollout}`,
    body: document,
    facts: {
      rollout: story.rollout,
      gates: story.gates.filter(({ holds }) => !holds),
      document,
      ...reportFacts(story),
    },
  };
}

/** A contact that is an address of the web is told directly; the others are named for whoever reads. */
export function contactChannels(contacts: {
  readonly primary: string | null;
  readonly secondary: string | null;
}): readonly Channel[] {
  return [contacts.primary, contacts.secondary].flatMap((contact): readonly Channel[] =>
    contact !== null && /^https?:\/\//.test(contact) ? [{ kind: 'webhook', url: contact }] : [],
  );
}
