import { join, relative } from 'node:path';
import { reportFile } from '../report/report-name.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { DocumentNames, ReportIndex } from './report-index.ts';

/** Names of a rollout's documents; paths are relative to the project where they lie in it. */
export async function documentNames(
  { config, stateDir }: ControllerParts,
  index: ReportIndex,
  { rollout, paperwork }: RolloutStory,
): Promise<DocumentNames> {
  const { root, reports } = await config();
  const name = await index.nameOf(rollout);
  return {
    name,
    report: join(paperwork?.reports ?? reports, reportFile(name)),
    plan: join(relative(root, stateDir), 'plans', `Plan-${name}.md`),
  };
}
