import { evidenceSection } from './evidence-section.ts';
import { frontmatter } from './frontmatter.ts';
import { clip, inline, table } from './markdown.ts';
import { replayEvidence } from './replayed-evidence.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';
import { actionText, timelineOf } from './timeline.ts';
import { dateAndTime, timeOfDay, zoneOf } from './told-time.ts';

export type IncidentEvent = Extract<ToldEvent, { type: 'IncidentOpened' }>;

/** What a bug report is about. */
export interface Finding {
  /** Of the incident; the rollout's own where none was opened, because users never met the candidate. */
  readonly id: string;
  readonly incident: boolean;
  readonly severity: IncidentEvent['severity'];
  readonly title: string;
  readonly at: number;
  readonly actor: string;
  /** Kind of the signal from outside; null when Sluice found it itself. */
  readonly signal: string | null;
}

export function findingOf({ incident: id, severity, title, at, actor, signal }: IncidentEvent): Finding {
  return { id, incident: true, severity, title, at, actor, signal: signal ?? null };
}

/** A candidate that failed before it had traffic: nobody was harmed and nothing is blocked, but somebody has to mend it. */
export function failureOf({ rollout, release, reason, endedAt, startedAt, by }: RolloutStory): Finding {
  const title = `${release?.version ?? rollout} failed before users met it: ${reason?.message ?? 'no reason was recorded'}`;
  const at = endedAt ?? startedAt;
  return { id: rollout, incident: false, severity: 'medium', title, at, actor: by, signal: null };
}

/** Where the documents of the rollout lie, relative to the project and without `.md`. */
export interface BugReportLinks {
  readonly report: string;
  readonly plan: string | null;
}

/** The item for the work assigner: what is wrong, how it is known, and everything that was deployed with it. */
export function bugReport(finding: Finding, story: RolloutStory, links: BugReportLinks): string {
  const replayed = replayEvidence(story);
  const { id, severity, title, at } = finding;
  return [
    ...head(finding, story, links),
    '',
    `# Bug Report — ${inline(id)}`,
    '',
    `- **Severity:** ${severity.toUpperCase()}`,
    `- **Found:** ${dateAndTime(at, zoneOf(story))} ${zoneOf(story)}, ${foundBy(finding, story)}`,
    `- **Summary:** ${inline(clip(title, 600))}`,
    `- **Blocks:** ${blocks(finding, story)}`,
    '',
    '## Evidence',
    '',
    ...evidenceSection(story, replayed),
    '',
    '## Deployment Context',
    '',
    ...context(story, links),
    '',
    '## What Happened',
    '',
    ...table(
      ['Time', 'Action', 'Status'],
      timelineOf(story).map((happening) => [
        timeOfDay(happening.at, zoneOf(story)),
        actionText(happening, story.startedAt),
        happening.status,
      ]),
    ),
    '',
    '## Asked For',
    '',
    '1. Work assigner: triage, and route it to software engineering.',
    `2. Software engineering: find the cause with the logs and counts kept under ${inline(keptAt(story))}, and fix it.`,
    `3. QA: approve the fix${finding.incident ? ` with \`fixes: ${id}\` in its report; that unit may then pass as the hotfix` : ''}.`,
    '',
  ].join('\n');
}

function head(finding: Finding, story: RolloutStory, links: BugReportLinks): readonly string[] {
  const { unit, target, release, rollout, paperwork } = story;
  return [
    '---',
    'tags: [bug-report, incident, agent/devops]',
    ...frontmatter({
      id: finding.id,
      type: 'bug-report',
      severity: finding.severity,
      status: 'open',
      route: 'work-assigner',
      unit_id: unit ?? '',
      project: paperwork === null ? '' : `[[01-Projects/${paperwork.project}]]`,
      service: target.service,
      environment: target.environment,
      version: release?.version ?? '',
      artifact: release?.artifact ?? '',
      commit: release?.commit ?? '',
      rollout,
      created: dateAndTime(finding.at, zoneOf(story)),
      links: {
        qa_report: unit === null ? '' : `[[QA/QA-Report-${unit}]]`,
        deployment_report: `[[${links.report}]]`,
        plan: links.plan ?? '',
      },
    }),
    '---',
  ];
}

function foundBy({ signal, actor }: Finding, { reason, ending }: RolloutStory): string {
  if (signal !== null)
    return `told by ${inline(actor)} (${inline(signal)}), after the rollout ended ${ending ?? ''}`;
  return reason === null ? 'by Sluice' : `by ${inline(reason.by)} (${inline(reason.code)})`;
}

function blocks({ id, incident }: Finding, { target }: RolloutStory): string {
  return incident
    ? `every deployment to ${target.environment}, until ${inline(id)} is resolved, overridden, or fixed by a unit whose QA report says \`fixes: ${id}\``
    : 'nothing, as users never met it';
}

function context(story: RolloutStory, links: BugReportLinks): readonly string[] {
  const { unit, target, release, plan, rollout, by } = story;
  return [
    `- Unit: ${unit ?? 'none'}`,
    `- Service and environment: ${target.service} in ${target.environment}`,
    `- Failed version: ${inline(release?.version ?? 'unknown')}, artifact ${release?.artifact ?? 'unknown'}, commit ${inline(release?.commit ?? 'none recorded')}`,
    `- Version before: ${inline(plan?.previous?.version ?? 'none')}${plan?.previous ? `, artifact ${plan.previous.artifact}` : ''}`,
    `- Strategy: ${plan?.strategy.kind ?? 'none'}`,
    `- Rollout: ${rollout}, asked for by ${inline(by)}`,
    `- Report: [[${links.report}]]`,
    `- Plan: ${links.plan === null ? 'none' : inline(links.plan)}`,
    `- Logs and counts: ${inline(keptAt(story))}`,
  ];
}

function keptAt({ events }: RolloutStory): string {
  return events.findLast((event) => event.type === 'EvidencePreserved')?.location ?? 'nothing was kept';
}
