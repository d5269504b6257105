import { SluiceError } from '../../base/sluice-error.ts';
import type { InstanceSpec } from './port.ts';

/** What an instance is when somebody asks for it anew: the later lease has it. */
export function claimed(known: InstanceSpec, { fence = 0 }: Pick<InstanceSpec, 'fence'>): InstanceSpec {
  return fence > (known.fence ?? 0) ? { ...known, fence } : known;
}

/** Throws `instance-fenced` when a later holder of the lease has asked for the instance. */
export function mayStop({ id, fence: held = 0 }: InstanceSpec, fence = Number.POSITIVE_INFINITY): void {
  if (fence >= held) return;
  throw new SluiceError({
    code: 'instance-fenced',
    message: `${id} belongs to a later controller (lease ${held}, not ${fence}).`,
    remedy: 'This controller has lost its lease and ends; `sluice doctor` names the one that holds it.',
  });
}
