import type { ArmBatch } from '../analysis/batch.ts';
import { metricLevel } from '../analysis/metric-process.ts';
import { isAtOldLevel } from '../analysis/old-level.ts';
import { sleep } from '../base/clock.ts';
import { targetId } from '../base/ids.ts';
import type { MetricConfig } from '../config/config.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { difference, nothing, sum } from '../rollout/evidence.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import { instancesOf, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { metricEnv } from './metric-env.ts';

const lookMs = 100;
/** Requests after which their outcome says something. */
const enough = 20;

interface Look {
  readonly holds: boolean;
  readonly observed: string;
}

/**
 * Whether stable is as it was: every instance ready, and errors, latency and business figures at the level that was recorded
 * before. Looks again until all of it holds or the deadline passes.
 */
export async function verifyStable(
  parts: ControllerParts,
  metrics: readonly MetricConfig[],
  { deadlineMs, quietMs }: Extract<PendingAction, { type: 'verify-stable' }>,
  context: { readonly state: () => TargetState; readonly signal: AbortSignal },
): Promise<RolloutCommand> {
  const start = parts.clock.monotonicMs();
  const before = await served(parts, context.state());
  let look: Look = { holds: false, observed: 'nothing was seen yet' };
  while (!context.signal.aborted) {
    const waited = parts.clock.monotonicMs() - start;
    const now = since(before, await served(parts, context.state()));
    look = lookAt(context.state(), now, waited >= quietMs);
    if (look.holds) look = await lookAtFigures(parts, metrics, context.state(), look);
    if (look.holds || waited > deadlineMs) break;
    await sleep(parts.clock, lookMs);
  }
  return { type: 'RecordRestoration', ...look, at: parts.clock.now(), by: 'controller' };
}

function lookAt(state: TargetState, now: ArmBatch, quiet: boolean): Look {
  const { rollout, stable } = state;
  if (rollout === null || rollout.phase === 'verifying' || stable === null)
    return { holds: false, observed: 'there is no stable release' };
  const own = instancesOf(state, stable.rollout);
  const ready = own.filter(({ status }) => status === 'ready').length;
  const level = isAtOldLevel(now, rollout.evidence.stable, rollout.plan.analysis);
  const seen = quiet || now.requests >= enough;
  const facts = [
    `${ready} of ${own.length} stable instances ready`,
    `${now.bad} of ${now.requests} requests bad since${level.errors ? '' : ', more than before'}`,
    ...(level.latency ? [] : ['answers slower than before']),
  ];
  const holds = ready > 0 && ready === own.length && seen && level.errors && level.latency;
  return { holds, observed: facts.join('; ') };
}

/** Levels of stable against those that were measured while the candidate ran; what was never measured is not asked. */
async function lookAtFigures(
  parts: ControllerParts,
  metrics: readonly MetricConfig[],
  state: TargetState,
  look: Look,
): Promise<Look> {
  const { rollout } = state;
  if (rollout === null || rollout.phase === 'verifying') return look;
  const env = metricEnv(state, 'stable');
  const looks = metrics
    .filter(({ kind }) => kind === 'mean')
    .map(async ({ name, source, maxAgeMs, direction }): Promise<Look | null> => {
      const held = rollout.evidence.analysis.metrics.find(({ test }) => test.name === name);
      const old = held === undefined ? null : metricLevel(held, 'stable');
      if (old === null) return null;
      const at = parts.clock.now();
      const measured = await parts.metrics.measure(source, { env, maxAgeMs, at });
      if (measured.kind !== 'value')
        return { holds: false, observed: `${name} ${measured.kind}: ${measured.reason}` };
      const { ratio } = rollout.plan.analysis.safetyMargin;
      const { value } = measured;
      const holds = direction === 'more-is-bad' ? value <= ratio * old : value >= old / ratio;
      return { holds, observed: `${name} ${rounded(value)}, ${rounded(old)} before` };
    });
  const seen = (await Promise.all(looks)).filter((one) => one !== null);
  return {
    holds: look.holds && seen.every(({ holds }) => holds),
    observed: [look.observed, ...seen.map(({ observed }) => observed)].join('; '),
  };
}

/** What stable's instances answered in the present epoch of the router. */
interface Served {
  readonly epoch: string;
  readonly counts: ArmBatch;
}

async function served(parts: ControllerParts, state: TargetState): Promise<Served> {
  const { target, stable } = state;
  const { epoch, instances } = await parts.traffic.counts(targetId(target));
  const generationOf = ({ instance, generation }: (typeof instances)[number]) =>
    state.instances[instance]?.rollout ?? generation;
  return { epoch, counts: sum(instances.filter((one) => generationOf(one) === stable?.rollout)) };
}

/** A router that began anew counts from zero: all that it counted came after. */
function since(before: Served, now: Served): ArmBatch {
  return difference(now.counts, now.epoch === before.epoch ? before.counts : nothing);
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
