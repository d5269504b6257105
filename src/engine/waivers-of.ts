import type { IncidentId } from '../base/ids.ts';
import type { Waivers } from '../rollout/waivers.ts';

/** What whoever asks sets aside: the incidents that are open now, with a reason, and that there may be no way down. */
export function waiversOf(
  params: { readonly override?: string; readonly acceptIrreversible?: boolean },
  open: readonly IncidentId[],
): Waivers {
  const { override: reason, acceptIrreversible } = params;
  return {
    ...(reason === undefined || open.length === 0 ? {} : { incidents: { ids: open, reason } }),
    ...(acceptIrreversible === true ? { irreversible: true } : {}),
  };
}
