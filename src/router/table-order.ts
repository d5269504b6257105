import { canonicalJson } from '../base/canonical-json.ts';
import type { RouteTable } from '../base/route-table.ts';
import { SluiceError } from '../base/sluice-error.ts';

/** True for the same table again. Throws `route-table-stale` for an older one, or another one of the same version. */
export function isRepeated(now: RouteTable, next: RouteTable): boolean {
  if (next.fence > now.fence || (next.fence === now.fence && next.version > now.version)) return false;
  const same = next.fence === now.fence && next.version === now.version;
  if (same && canonicalJson(now) === canonicalJson(next)) return true;
  throw new SluiceError({
    code: 'route-table-stale',
    message: same
      ? `Another table of ${next.target} is in force under fence ${now.fence}, version ${now.version}.`
      : `The table of ${next.target} is of fence ${next.fence}, version ${next.version}; fence ${now.fence}, version ${now.version} is in force.`,
    remedy:
      'Another controller acts on this target, or this one sent an old table: read what is in force and decide anew.',
    details: { fence: now.fence, version: now.version },
  });
}

/** An instance that the table in force names cannot be drained: new requests still go there. */
export function stillRouted(target: string, instance: string): SluiceError {
  return new SluiceError({
    code: 'instance-still-routed',
    message: `The table in force for ${target} names ${instance}.`,
    remedy: 'Apply a table without the instance first, then wait for its requests to end.',
    details: { target, instance },
  });
}
