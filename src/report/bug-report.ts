import { evidenceSection } from './evidence-section.ts';
import { frontmatter } from './frontmatter.ts';
import { clip, inline, table } from './markdown.ts';
import { replayEvidence } from './replayed-evidence.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';
import { actionText, timelineOf } from './timeline.ts';
import { dateAndTime, timeOfDay, zoneOf } from './told-time.ts';

export type IncidentEvent = Extract<ToldEvent, { type: 'IncidentOpened' }>;

/** Where the documents of the rollout lie, relative to the project and without `.md`. */
export interface BugReportLinks {
  readonly report: string;
  readonly plan: string | null;
}

/** The item for the work assigner: what is wrong, how it is known, and everything that was deployed with it. */
export function bugReport(event: IncidentEvent, story: RolloutStory, links: BugReportLinks): string {
  const replayed = replayEvidence(story);
  return [
    ...head(event, story, links),
    '',
    `# Bug Report — ${inline(event.incident)}`,
    '',
    `- **Severity:** ${event.severity.toUpperCase()}`,
    `- **Found:** ${dateAndTime(event.at, zoneOf(story))} ${zoneOf(story)}, ${foundBy(event, story)}`,
    `- **Summary:** ${inline(clip(event.title, 600))}`,
    `- **Blocks:** every deployment to ${story.target.environment}, until ${inline(event.incident)} is resolved, overridden, or fixed by a unit whose QA report says ${`\`fixes: ${event.incident}\``}`,
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
    `3. QA: approve the fix with ${`\`fixes: ${event.incident}\``} in its report; that unit may then pass as the hotfix.`,
    '',
  ].join('\n');
}

function head(event: IncidentEvent, story: RolloutStory, links: BugReportLinks): readonly string[] {
  const { unit, target, release, rollout, paperwork } = story;
  return [
    '---',
    'tags: [bug-report, incident, agent/devops]',
    ...frontmatter({
      id: event.incident,
      type: 'bug-report',
      severity: event.severity,
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
      created: dateAndTime(event.at, zoneOf(story)),
      links: {
        qa_report: unit === null ? '' : `[[QA/QA-Report-${unit}]]`,
        deployment_report: `[[${links.report}]]`,
        plan: links.plan ?? '',
      },
    }),
    '---',
  ];
}

function foundBy({ signal, actor }: IncidentEvent, { reason, ending }: RolloutStory): string {
  if (signal !== undefined)
    return `told by ${inline(actor)} (${inline(signal)}), after the rollout ended ${ending ?? ''}`;
  return reason === null ? 'by Sluice' : `by ${inline(reason.by)} (${inline(reason.code)})`;
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
