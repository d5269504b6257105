import { checksOf } from './checks.ts';
import { criteriaOf } from './criteria.ts';
import { evidenceSection } from './evidence-section.ts';
import { frontmatter } from './frontmatter.ts';
import { clip, inline, table } from './markdown.ts';
import { replayEvidence } from './replayed-evidence.ts';
import { issuesSection, rollbackSection } from './report-outcome.ts';
import { postState, preState } from './report-states.ts';
import type { RolloutStory } from './rollout-story.ts';
import { statusWord } from './status-word.ts';
import { actionText, timelineOf } from './timeline.ts';
import { dateAndTime, span, timeOfDay, zoneOf } from './told-time.ts';

/**
 * The written report of a rollout, in the operator's form. Only its events go in: the same events give the same bytes,
 * whatever the clock, the configuration or the machine says.
 */
export function deploymentReport(story: RolloutStory): string {
  const replayed = replayEvidence(story);
  const checks = checksOf(story, replayed);
  const sections = [
    ['Summary', summary(story)],
    ['Pre-Deployment State', preState(story)],
    ['Deployment Timeline', timeline(story)],
    [
      'Verification Results',
      checks.length === 0
        ? ['Nothing was deployed, so nothing was measured.']
        : table(
            ['Check', 'Expected', 'Actual', 'Status'],
            checks.map(({ check, expected, actual, status }) => [
              inline(check),
              inline(expected),
              inline(actual),
              status,
            ]),
          ),
    ],
    ['Evidence', evidenceSection(story, replayed)],
    ['Post-Deployment State', postState(story, replayed)],
    [
      'Success Criteria',
      table(
        ['Criterion', 'Verification', 'How it was verified', 'Status'],
        criteriaOf(story, checks).map(({ criterion, asked, how, status }) => [
          `**${criterion}**`,
          asked,
          inline(clip(how, 400)),
          status,
        ]),
      ),
    ],
    ['Issues Encountered', issuesSection(story)],
    ['Rollback Status', rollbackSection(story, replayed)],
  ] as const;
  return [
    ...head(story),
    '',
    `# Deployment Report — ${inline(titleOf(story))}`,
    ...sections.flatMap(([title, lines]) => ['', `## ${title}`, '', ...lines]),
    '',
  ].join('\n');
}

/** Exactly the operator's keys, in their order. */
function head(story: RolloutStory): readonly string[] {
  const { unit, release, paperwork } = story;
  return [
    '---',
    'tags: [deployment, release, agent/devops]',
    ...frontmatter({
      unit_id: unit ?? '',
      project: paperwork === null ? '' : `[[01-Projects/${paperwork.project}]]`,
      status: statusWord(story),
      deployed: dateAndTime(deployedAt(story), zoneOf(story)),
      links: {
        qa_report: unit === null ? '' : `[[QA/QA-Report-${unit}]]`,
        artifacts: release?.artifact ?? '',
      },
    }),
    '---',
  ];
}

/** When the release became stable; of one that never did, when the attempt ended. */
function deployedAt({ events, endedAt, startedAt }: RolloutStory): number {
  return events.find(({ type }) => type === 'ReleasePromoted')?.when ?? endedAt ?? startedAt;
}

/** The unit, or what else people call it by. */
function titleOf({ unit, rollout }: RolloutStory): string {
  return unit ?? rollout;
}

function summary(story: RolloutStory): readonly string[] {
  const { target, release, plan, rollout, by, startedAt, endedAt, ending, reason, isRollback } = story;
  const took = endedAt === null ? 'not ended yet' : span(endedAt - startedAt);
  const began = `${dateAndTime(startedAt, zoneOf(story))} ${zoneOf(story)}`;
  return [
    `- **Status:** ${statusWord(story).toUpperCase()}`,
    `- **Environment:** ${target.environment}`,
    `- **Version:** ${inline(release?.version ?? 'unknown')}`,
    `- **Duration:** ${took}, from ${began}`,
    `- **Deployer:** Sluice (DevOps), asked for by ${inline(by)}`,
    `- **Service:** ${target.service}`,
    `- **Strategy:** ${plan === null ? 'none, as nothing was planned' : isRollback ? 'rollback' : plan.strategy.kind}`,
    `- **Rollout:** ${rollout}`,
    `- **Artifact:** ${release?.artifact ?? 'unknown'}`,
    `- **Commit:** ${inline(release?.commit ?? 'none recorded')}`,
    ...waived(story),
    `- **Ended:** ${ending ?? 'not yet'}${reason === null ? '' : ` (${reason.code}): ${inline(clip(reason.message, 500))}`}`,
  ];
}

/** What somebody entitled set aside, in their words. */
function waived({ waivers: { incidents, irreversible }, by }: RolloutStory): readonly string[] {
  const open =
    incidents === undefined || incidents.ids.length === 0
      ? []
      : [
          `- **Overridden:** ${inline(incidents.ids.join(', '))}, by ${inline(by)}: ${inline(clip(incidents.reason, 300))}`,
        ];
  return irreversible === true
    ? [...open, `- **Accepted:** a migration without a way down, by ${inline(by)}`]
    : open;
}

function timeline(story: RolloutStory): readonly string[] {
  return table(
    ['Time', 'Action', 'Status'],
    timelineOf(story).map((happening) => [
      timeOfDay(happening.at, zoneOf(story)),
      actionText(happening, story.startedAt),
      happening.status,
    ]),
  );
}
