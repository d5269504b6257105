import type { InstanceId } from '../base/ids.ts';
import type { InstanceObservation, Runtime } from '../ports/runtime/port.ts';

/** Those of these instances that the runtime has. Everything is listed only where it cannot be asked for some. */
export async function findInstances(
  runtime: Pick<Runtime, 'list' | 'find'>,
  ids: readonly InstanceId[],
): Promise<readonly InstanceObservation[]> {
  if (runtime.find !== undefined) return runtime.find(ids);
  return (await runtime.list()).filter(({ id }) => ids.includes(id));
}
