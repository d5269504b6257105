import { targetId } from '../base/ids.ts';
import { type Backend, fullWeight, type Routes } from '../base/route-table.ts';
import type { RolloutPlan } from './plan.ts';
import { currentStep, type Instance, instancesOf, servingOf, type TargetState } from './state.ts';

/**
 * The table that the state asks for, under the version of the last requested one; null before anything was planned. Only
 * ready instances are named, so a dead one leaves the table in the event after its death. An arm without a ready instance
 * leaves its share to the other; without any, users get the maintenance page.
 */
export function desiredRoutes(state: TargetState): Routes | null {
  const plan = planInForce(state);
  if (plan === null) return null;
  const stable = state.stable === null ? [] : backends(state, state.stable.rollout);
  const candidate = candidateBackends(state);
  const weight = effectiveWeight(state, stable.length, candidate.length);
  const nobody = stable.length === 0 && weight === 0;
  return {
    target: targetId(state.target),
    version: state.routes.requested?.version ?? 0,
    listen: plan.routing.listen,
    hosts: plan.routing.hosts,
    pathPrefix: plan.routing.pathPrefix,
    mode: nobody || isMaintenance(state) ? 'maintenance' : 'serve',
    stable,
    candidate: candidate,
    candidateWeight: weight,
    match: state.rollout?.phase === 'forward' ? plan.match : [],
    affinity: plan.affinity,
    ...(plan.shield && { shield: plan.shield }),
    ...(plan.assets && { assets: plan.assets }),
    ...(plan.edge && { edge: plan.edge }),
    ...mirrorOf(state, stable),
    probe: plan.routing.probe,
    limits: plan.limits,
  };
}

/** For as long as the step lasts: nobody is copied whom stable does not answer. */
function mirrorOf(state: TargetState, stable: readonly Backend[]): Pick<Routes, 'mirror'> {
  const { rollout } = state;
  const step = currentStep(rollout);
  if (rollout?.phase !== 'forward' || !rollout.started || step?.type !== 'mirror') return {};
  const mirrored = backends(state, rollout.rollout);
  if (stable.length === 0 || mirrored.length === 0) return {};
  return { mirror: { backends: mirrored, share: Math.round((step.sharePercent * fullWeight) / 100) } };
}

function planInForce(state: TargetState): RolloutPlan | null {
  const { rollout, stable } = state;
  // Going back puts everything back, the address and the limits of the stable release too.
  if (rollout?.phase === 'back' && stable !== null) return stable.plan;
  if (rollout !== null && rollout.phase !== 'verifying') return rollout.plan;
  return stable?.plan ?? null;
}

function isMaintenance({ rollout }: TargetState): boolean {
  return rollout !== null && rollout.phase !== 'verifying' && rollout.maintenance;
}

function candidateBackends(state: TargetState): readonly Backend[] {
  const { rollout } = state;
  if (rollout === null || rollout.phase !== 'forward' || rollout.weight === 0) return [];
  if (state.stable?.rollout === rollout.rollout) return [];
  return backends(state, rollout.rollout);
}

function effectiveWeight(state: TargetState, stable: number, candidate: number): number {
  const { rollout } = state;
  if (candidate === 0 || rollout === null || rollout.phase !== 'forward') return 0;
  return stable === 0 ? fullWeight : rollout.weight;
}

function backends(state: TargetState, generation: Instance['rollout']): readonly Backend[] {
  const version = servingOf(state, generation)?.release.version;
  return instancesOf(state, generation).flatMap(({ id, status, address, retiredAt }) =>
    status === 'ready' && address !== null && retiredAt === null
      ? [{ instance: id, generation, address, ...(version !== undefined && { version }) }]
      : [],
  );
}
