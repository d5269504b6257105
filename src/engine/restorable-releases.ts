import { type Target, targetId } from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { ArtifactStore } from '../ports/artifact/port.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import type { Serving } from '../rollout/state.ts';

/** Releases that were stable once, oldest first, and what is needed to bring them back. */
export function promotedReleases(stories: readonly RolloutStory[]): readonly Serving[] {
  return stories.flatMap(({ rollout, plan, events }) =>
    plan !== null && events.some(({ type }) => type === 'ReleasePromoted')
      ? [{ rollout, release: plan.release, plan }]
      : [],
  );
}

/** Those of them that retention has left in the store. */
export async function withArtifact(
  releases: readonly Serving[],
  artifacts: Pick<ArtifactStore, 'find' | 'verify'>,
): Promise<readonly Serving[]> {
  const isThere = async ({ release }: Serving) => {
    // Its record may be broken or gone: what counts for going back are the bytes.
    const record = await artifacts.find(release.artifact).catch(() => null);
    return record !== null || (await artifacts.verify(release.artifact)).ok;
  };
  const there = await Promise.all(releases.map(isThere));
  return releases.filter((_, index) => there[index] === true);
}

/** `release-not-kept` for one that was stable and whose artifact is gone, else `nothing-to-roll-back-to`. */
export function nothingKept(asked: {
  readonly target: Target;
  /** As the operator named it; undefined: the one before. */
  readonly wanted: string | undefined;
  /** The release that was meant, where it was ever stable. */
  readonly known: Serving | undefined;
  readonly kept: readonly Serving[];
}): SluiceError {
  const { target, wanted, known, kept } = asked;
  const versions = [...new Set(kept.map(({ release }) => release.version))].join(', ') || 'none';
  if (known === undefined) {
    return new SluiceError({
      code: 'nothing-to-roll-back-to',
      message: `${targetId(target)} has no ${wanted === undefined ? 'earlier release' : `kept release ${wanted}`}.`,
      remedy: `Kept: ${versions}.`,
    });
  }
  const { version, artifact } = known.release;
  return new SluiceError({
    code: 'release-not-kept',
    message: `${version} was stable in ${targetId(target)}, but its artifact ${artifact} is not kept any more.`,
    remedy: `Name a kept one (${versions}), or add the same build again with \`sluice artifact add\`; \`retention:\` says how many stay.`,
  });
}
