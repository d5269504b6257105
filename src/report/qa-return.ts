import { blockingGates, type GateResult } from '../rollout/gate.ts';
import { frontmatter } from './frontmatter.ts';
import { inline, table } from './markdown.ts';
import type { RolloutStory } from './rollout-story.ts';
import { dateAndTime, zoneOf } from './told-time.ts';

/** Why an approval does not count. */
export type ReturnReason = 'missing' | 'unreadable' | 'foreign' | 'rejected' | 'stale' | 'contradicted';

/** The gates about QA's report that keep the unit out; empty when QA is not what it waits for. */
export function returnedGates({ gates }: Pick<RolloutStory, 'gates'>): readonly GateResult[] {
  return blockingGates(gates).filter(({ gate }) => gate.startsWith('qa-'));
}

/** The item addressed back to QA: what is wrong with the approval, and exactly what one would have to say. */
export function qaReturn(story: RolloutStory): string {
  const { unit, target, release, by, paperwork, endedAt, startedAt } = story;
  const gates = returnedGates(story);
  const reasons = [...new Set(gates.map(reasonOf))];
  const name = unit ?? story.rollout;
  const zone = zoneOf(story);
  return [
    '---',
    'tags: [qa-return, agent/devops]',
    ...frontmatter({
      type: 'qa-return',
      to: 'QA',
      from: 'Sluice (DevOps)',
      unit_id: unit ?? '',
      project: paperwork === null ? '' : `[[01-Projects/${paperwork.project}]]`,
      status: 'returned',
      reason: reasons.join(', '),
      artifact: release?.artifact ?? '',
      commit: release?.commit ?? '',
      environment: target.environment,
      created: dateAndTime(endedAt ?? startedAt, zone),
      links: { qa_report: unit === null ? '' : `[[QA/QA-Report-${unit}]]` },
    }),
    '---',
    '',
    `# Returned to QA — ${inline(name)}`,
    '',
    `${inline(by)} asked for ${inline(release?.version ?? name)} of ${target.service} in ${target.environment}. It was stopped before anything ran, because its approval is ${reasons.join(', ')}.`,
    '',
    ...table(
      ['Gate', 'Required', 'Observed', 'What to do'],
      gates.map(({ gate, required, observed, remedy }) => [gate, required, observed, remedy].map(inline)),
    ),
    '',
    '## What an approval has to say',
    '',
    `In \`QA/QA-Report-${name}.md\`, when the tests passed and no blocking bug is open:`,
    '',
    '```yaml',
    ...frontmatter({ unit_id: name, status: 'approved', ...(release ? { artifact: release.artifact } : {}) }),
    '```',
    '',
  ].join('\n');
}

function reasonOf({ gate, observed }: GateResult): ReturnReason {
  switch (gate) {
    case 'qa-report':
      return observed.endsWith('is not there') ? 'missing' : 'unreadable';
    case 'qa-approved':
      return 'rejected';
    case 'qa-fresh':
      return 'stale';
    case 'qa-unit':
    case 'qa-artifact':
      return 'foreign';
    default:
      return 'contradicted';
  }
}
