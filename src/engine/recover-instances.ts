import type { Clock } from '../base/clock.ts';
import { hasEnded } from '../base/instance-status.ts';
import type { InstanceObservation, Runtime } from '../ports/runtime/port.ts';
import { type Instance, isOnTrial } from '../rollout/state.ts';
import { findInstances } from './find-instances.ts';
import type { TargetLoop } from './target-loop.ts';

/**
 * What became of a target's instances while no controller was there (a reboot, `down`): one that is gone, or had come to
 * its end as part of a release that users rely on, is started again by the action that `starting` makes pending. One that
 * is on its way back leaves the routes until it is ready.
 */
export async function recoverInstances(
  loop: TargetLoop,
  { runtime, clock }: { readonly runtime: Runtime; readonly clock: Clock },
): Promise<void> {
  const own = Object.values(loop.state.instances);
  const ids = own.map(({ id }) => id);
  const seen = new Map((await findInstances(runtime, ids)).map((one) => [one.id, one]));
  for (const known of own) {
    if (known.retiredAt !== null || known.status === 'starting') continue;
    const found = seen.get(known.id);
    if (found === undefined) {
      const gone = {
        status: 'starting',
        address: null,
        reason: 'it was not there when the controller started',
      } as const;
      await tell(loop, known, gone, clock);
    } else if (hasEnded(found.status) && !isOnTrial(loop.state, known)) {
      await startAnew(loop, { ...known, reason: found.reason }, clock);
    } else if (isNews(found, known)) {
      await tell(loop, known, found, clock);
    }
  }
}

/** A probe that failed once is not: what it means is told by the watch, after the failures that it takes. */
function isNews({ status, address }: InstanceObservation, known: Instance): boolean {
  // A journal that was restored knows an address of before.
  const probed = status === 'starting' || status === 'unready';
  return !probed || address !== known.address;
}

/** One that had come to its end is started again, unless it is on trial or not needed any more. */
export async function startAnew(loop: TargetLoop, known: Instance, clock: Clock): Promise<void> {
  if (known.retiredAt !== null || isOnTrial(loop.state, known)) return;
  const reason = `started again after its end: ${known.reason ?? known.status}`;
  await tell(loop, known, { status: 'starting', address: null, reason }, clock);
}

async function tell(
  loop: TargetLoop,
  { id: instance }: Instance,
  { status, address, reason }: Pick<InstanceObservation, 'status' | 'address' | 'reason'>,
  clock: Clock,
): Promise<void> {
  const base = { instance, status, address, reason, at: clock.now(), by: 'controller' } as const;
  await loop.dispatch({ type: 'RecordInstance', ...base });
}
