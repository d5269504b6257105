import type { Digest } from '../base/digest.ts';
import type { RolloutId } from '../base/ids.ts';
import type { Retention } from '../config/config.ts';
import type { ArtifactRecord } from '../ports/artifact/port.ts';
import type { TargetState } from '../rollout/state.ts';
import type { PastRollout } from './past-rollouts.ts';

/** What is in force where the configuration says nothing. */
export const standardRetention: Retention = { releases: 10, ageMs: 30 * 86_400_000 };

/** One target as retention sees it. `state` is asked for again at each question. */
export interface RetainedTarget {
  readonly state: () => TargetState;
  /** Its rollouts, in order. */
  readonly past: readonly PastRollout[];
}

/** What of the state directory may not go, whatever its age. Answers from what is true at the moment of asking. */
export interface Retained {
  readonly artifacts: { has(digest: Digest): boolean };
  /** Names of the directories that instances and commands run in: `<rollout>-<number>`, `<rollout>-<role>`. */
  readonly directories: { has(name: string): boolean };
  /** The record of a command, by the id of its action. */
  readonly commands: { has(id: string): boolean };
  readonly evidence: { has(rollout: string): boolean };
}

/**
 * Kept are the artifacts of what is stable, standby, running or queued in any target, of its last stable release
 * and `releases` before it, and of rollouts whose incident is open.
 * @param records every artifact of the store; a queued rollout names its unit only.
 */
export function retained(
  targets: readonly RetainedTarget[],
  records: readonly Pick<ArtifactRecord, 'digest' | 'units'>[],
  { releases }: Pick<Retention, 'releases'>,
): Retained {
  const recent = new Set(targets.flatMap(({ past }) => lastStable(past, releases)));
  const artifactOf = new Map<RolloutId, Digest>();
  for (const { past } of targets) {
    for (const { rollout, artifact } of past) if (artifact !== null) artifactOf.set(rollout, artifact);
  }
  const unitsOf = new Map(records.map(({ digest, units }) => [digest, units]));
  const states = () => targets.map(({ state }) => state());
  const asks = (digest: Digest) => (rollout: RolloutId) => artifactOf.get(rollout) === digest;
  return {
    artifacts: {
      has: (digest) =>
        recent.has(digest) ||
        states().some(
          (state) =>
            inUse(state).includes(digest) ||
            state.incidents.some(({ rollout }) => asks(digest)(rollout)) ||
            requests(state).some(
              ({ unit, backTo }) =>
                (backTo !== undefined && asks(digest)(backTo)) ||
                (unit !== null && unitsOf.get(digest)?.includes(unit) === true),
            ),
        ),
    },
    directories: {
      has: (name) => states().some((state) => name in state.instances || isOf(state, name)),
    },
    commands: { has: (id) => states().some((state) => isOf(state, id.replace(/^command-/, ''))) },
    evidence: {
      has: (rollout) =>
        states().some(
          (state) =>
            requests(state).some((one) => one.rollout === rollout) ||
            state.incidents.some((incident) => incident.rollout === rollout),
        ),
    },
  };
}

/** The newest and so many before it that differ: going back and forth between two must not push out a third. */
function lastStable(past: readonly PastRollout[], releases: number): readonly Digest[] {
  const stable = past.flatMap(({ artifact, promoted }) => (promoted && artifact !== null ? [artifact] : []));
  return [...new Set(stable.reverse())].slice(0, releases + 1);
}

function inUse({ stable, standby, rollout }: TargetState): readonly Digest[] {
  const plan = rollout === null || rollout.phase === 'verifying' ? null : rollout.plan;
  const releases = [stable?.release, ...standby.map(({ release }) => release), plan?.release, plan?.previous];
  return releases.flatMap((release) => (release == null ? [] : [release.artifact]));
}

function requests({ rollout, queue }: TargetState) {
  return rollout === null ? queue : [rollout, ...queue];
}

/** Everything that a rollout names begins with its id; nothing of the stable one is touched either. */
function isOf(state: TargetState, name: string): boolean {
  const rollouts = [...requests(state), ...(state.stable === null ? [] : [state.stable]), ...state.standby];
  return rollouts.some(({ rollout }) => name.startsWith(`${rollout}-`));
}
