import { systemClock } from '../../base/clock.ts';
import { shortDigest } from '../../base/digest.ts';
import { openArtifactStore } from '../../ports/artifact/directory-store.ts';
import type { TargetState } from '../../rollout/state.ts';
import { type Check, fail, ok } from './check.ts';

/** Every byte of the releases that users rely on, and of those that a rollback would bring back. */
export async function checkReleases(
  stateDir: string,
  targets: ReadonlyMap<string, TargetState>,
): Promise<readonly Check[]> {
  const store = openArtifactStore({ stateDir, clock: systemClock });
  const kept = [...targets].flatMap(([target, { stable, standby }]) => [
    ...(stable === null ? [] : [{ name: `artifact ${target}`, release: stable.release }]),
    ...standby.map(({ release }) => ({ name: `standby ${target}`, release })),
  ]);
  return Promise.all(
    kept.map(async ({ name, release: { version, artifact } }) => {
      const verified = await store.verify(artifact);
      const found = `${version}, sha256:${shortDigest(artifact)}…`;
      if (verified.ok) return ok(name, `${found}, every byte as it was added`);
      const remedy =
        'Add the very same build again with `sluice artifact add`: an instance that restarts needs it.';
      return fail(name, `${found}: ${verified.reason}`, remedy);
    }),
  );
}
