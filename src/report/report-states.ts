import type { ArmBatch } from '../analysis/batch.ts';
import { inline, table } from './markdown.ts';
import { latencyText, percent, quantileMs } from './numbers.ts';
import type { ReplayedEvidence } from './replayed-evidence.ts';
import type { RolloutStory } from './rollout-story.ts';

/** What was there, and every gate with what was observed. */
export function preState({ plan, gates, ending }: RolloutStory): readonly string[] {
  const previous =
    plan === null
      ? 'not looked at: nothing was planned'
      : (plan.previous?.version ?? 'none, a first release: nothing to compare with and no way back');
  const health = gates.find(({ gate }) => gate === 'environment-healthy');
  const healthText =
    health === undefined
      ? 'not looked at'
      : `${health.holds ? 'healthy' : 'NOT HEALTHY'}: ${health.observed}`;
  const verdict = (holds: boolean, onFailure: string) =>
    holds ? 'PASS' : onFailure === 'warn' ? 'WARN' : 'FAIL';
  return [
    `- Previous version: ${inline(previous)}`,
    `- Health status: ${inline(healthText)}`,
    '',
    ...(gates.length === 0
      ? [`No gate was looked at${ending === 'aborted' ? ': it was aborted before' : ''}.`]
      : table(
          ['Gate', 'Required', 'Observed', 'Status'],
          gates.map(({ gate, required, observed, holds, onFailure }) => [
            inline(gate),
            inline(required),
            inline(observed),
            verdict(holds, onFailure),
          ]),
        )),
  ];
}

/** What users rely on after the end, and what was last measured of it. */
export function postState(story: RolloutStory, replayed: ReplayedEvidence | null): readonly string[] {
  const { plan, release, ending } = story;
  const promoted = ending === 'succeeded';
  const current = promoted
    ? release?.version
    : plan === null
      ? 'unchanged: nothing was deployed'
      : (plan.previous?.version ?? 'none: users see the maintenance page');
  const arm = replayed?.evidence[promoted ? 'candidate' : 'stable'];
  return [
    `- Current version: ${inline(current ?? 'unknown')}`,
    `- Health status: ${inline(healthAfter(story))}`,
    `- Key metrics: ${arm === undefined ? 'not measured' : keyMetrics(arm)}`,
  ];
}

function healthAfter({ events, ending, rollout, gates, plan }: RolloutStory): string {
  if (ending === 'succeeded') {
    const last = new Map<string, string>();
    for (const event of events) {
      if (event.type === 'InstancesRequested' && event.rollout === rollout) {
        for (const instance of event.instances) last.set(instance, 'starting');
      }
      if (event.type === 'InstanceObserved' && last.has(event.instance))
        last.set(event.instance, event.status);
      if (event.type === 'InstanceRetired') last.delete(event.instance);
    }
    const ready = [...last.values()].filter((status) => status === 'ready').length;
    const all = ready === last.size && ready > 0;
    return `${all ? 'healthy' : 'NOT HEALTHY'}: ${ready} of ${last.size} instances ready`;
  }
  const restored = events.findLast((event) => event.type === 'RestorationVerified');
  if (restored !== undefined) return `${restored.holds ? 'healthy' : 'NOT HEALTHY'}: ${restored.observed}`;
  if (plan !== null && plan.previous === null) return 'nothing runs';
  const before = gates.find(({ gate }) => gate === 'environment-healthy');
  return before === undefined ? 'not looked at' : `as before: ${before.observed}`;
}

function keyMetrics(arm: ArmBatch): string {
  if (arm.requests === 0) return 'no request was measured';
  const quantiles = [0.5, 0.95, 0.99].map(
    (quantile) => `P${quantile * 100} ${latencyText(quantileMs(arm, quantile))}`,
  );
  return `${arm.requests} requests, error rate ${percent(arm.bad / arm.requests)}, ${quantiles.join(', ')}`;
}
