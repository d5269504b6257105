import type { InstanceId, TargetId } from '../base/ids.ts';
import type { InstanceObservation } from '../ports/runtime/port.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { TargetLoop } from './target-loop.ts';
import type { TargetLoops } from './target-loops.ts';

/** Tells the loops what the runtime sees of their instances, and ends those that belong to nobody. Gives the way to stop. */
export function observeInstances(loops: TargetLoops, parts: ControllerParts): () => void {
  const owners = new Map<InstanceId, TargetLoop>();
  return parts.runtime.watch((observation) =>
    observe(ownerOf(loops, owners, observation), loops, parts, observation),
  );
}

/** Each instance belongs to one target for ever: who has thousands of them looks once for whose it is. */
function ownerOf(
  loops: TargetLoops,
  owners: Map<InstanceId, TargetLoop>,
  { id, status }: InstanceObservation,
): TargetLoop | null {
  const known = owners.get(id);
  const found = known ?? [...loops].find(({ state }) => id in state.instances) ?? null;
  if (status === 'stopped') owners.delete(id);
  else if (found !== null) owners.set(id, found);
  return found !== null && id in found.state.instances ? found : null;
}

function observe(
  loop: TargetLoop | null,
  loops: TargetLoops,
  parts: ControllerParts,
  { id: instance, status, address, reason }: InstanceObservation,
): void {
  const { clock } = parts;
  const log = (error: unknown) => parts.log(String(error));
  if (loop === null) {
    if (status !== 'stopped') stopUnknown(loops, parts, instance).catch(log);
    return;
  }
  const base = { type: 'RecordInstance', instance, status, address, reason, by: 'controller' } as const;
  const known = loop.state.instances[instance];
  // The start is told by the action that waits for it; afterwards each change of health counts.
  if (known === undefined || known.retiredAt !== null || known.status === 'starting') return;
  const at = clock.now();
  // It may be started anew before its turn has come: then this is news of the one that ended, and says nothing new.
  const told = () => {
    const now = loop.state.instances[instance];
    return now?.status === 'starting'
      ? { ...base, status: now.status, address: now.address, at }
      : { ...base, at };
  };
  loop.dispatch(told).catch(log);
}

/**
 * Nobody else would ever stop an instance that was started by a call that outlived its reason: the journal knows of each
 * one before it is started. Only whoever has read all of the journal may say so; another controller may have gone on.
 */
async function stopUnknown(
  loops: TargetLoops,
  { journal, runtime }: ControllerParts,
  instance: InstanceId,
): Promise<void> {
  for (const stream of await journal.streams()) {
    if (!stream.startsWith('target/')) continue;
    const state = loops.known(stream.slice('target/'.length) as TargetId)?.state;
    if (state === undefined || instance in state.instances) return;
    if ((await journal.read(stream, { after: state.version, limit: 1 })).length > 0) return;
  }
  await runtime.stop(instance, { deadlineMs: 10_000, fence: loops.fence });
}
