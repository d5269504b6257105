import type { Clock } from '../base/clock.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import type { InstanceObservation, Runtime } from '../ports/runtime/port.ts';
import type { Instance } from '../rollout/state.ts';
import type { TargetLoop } from './target-loop.ts';

const ended: ReadonlySet<InstanceStatus> = new Set(['crash-looping', 'failed']);

/**
 * What became of a target's instances while no controller was there (a reboot, `down`): one that is gone, or had come to
 * its end as part of a release that users rely on, is started again by the action that `starting` makes pending. One that
 * is on its way back leaves the routes until it is ready.
 */
export async function recoverInstances(
  loop: TargetLoop,
  { runtime, clock }: { readonly runtime: Runtime; readonly clock: Clock },
): Promise<void> {
  const seen = new Map((await runtime.list()).map((one) => [one.id, one]));
  for (const known of Object.values(loop.state.instances)) {
    if (known.retiredAt !== null || known.status === 'starting') continue;
    const found = seen.get(known.id);
    const onTrial =
      loop.state.rollout?.rollout === known.rollout && loop.state.stable?.rollout !== known.rollout;
    if (found !== undefined && ended.has(found.status) && !onTrial) {
      await runtime.stop(known.id, { deadlineMs: 0 });
      seen.delete(known.id);
    }
    await tell(loop, known, seen.get(known.id), clock);
  }
}

async function tell(
  loop: TargetLoop,
  { id: instance }: Instance,
  found: InstanceObservation | undefined,
  clock: Clock,
): Promise<void> {
  // A probe that failed once is no news: what it means is told by the watch, after the failures that it takes.
  if (found !== undefined && found.status !== 'restarting' && !ended.has(found.status)) return;
  const { status, address, reason } = found ?? {
    status: 'starting' as const,
    address: null,
    reason: 'it was not there when the controller started',
  };
  const base = { instance, status, address, reason, at: clock.now(), by: 'controller' } as const;
  await loop.dispatch({ type: 'RecordInstance', ...base });
}
