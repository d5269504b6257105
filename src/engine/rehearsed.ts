import type { Digest } from '../base/digest.ts';
import type { RolloutStory } from '../report/rollout-story.ts';

/** Whether an artifact was promoted, taken back and promoted again, in this order ("rollback tested"). */
export function isRehearsed(stories: readonly RolloutStory[], artifact: Digest): boolean {
  const wanted = ['promoted', 'taken-back', 'promoted'];
  let done = 0;
  for (const { plan, events } of stories) {
    if (plan === null) continue;
    const promoted = events.some(({ type }) => type === 'ReleasePromoted');
    if (!promoted) continue;
    const own = plan.release.artifact === artifact;
    const back = plan.kind === 'rollback' && plan.previous?.artifact === artifact;
    const what = own ? 'promoted' : back ? 'taken-back' : null;
    if (what === wanted[done]) done += 1;
  }
  return done === wanted.length;
}
