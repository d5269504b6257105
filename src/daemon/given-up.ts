import type { Journal } from '../journal/journal.ts';
import { type Delivery, deliveryText } from './delivery.ts';
import type { GivenUp } from './retry-queue.ts';

const stream = 'outbox';

/** Writes into the journal that somebody was never told. Rejects when the journal does not take it. */
export async function recordGivenUp(
  journal: Journal,
  delivery: Delivery,
  { at, ...facts }: GivenUp & { readonly at: number },
): Promise<void> {
  const data = { what: deliveryText(delivery), ...facts };
  const event = { type: 'DeliveryGivenUp', data, at, actor: 'controller' };
  let version = (await journal.read(stream)).at(-1)?.version ?? 0;
  for (;;) {
    const result = await journal.append(stream, version, [event]);
    if (result.kind === 'appended') return;
    // Two receivers can be given up in the same moment.
    if (result.kind === 'version-conflict') version = result.actualVersion;
    else throw new Error(`The journal did not take what was given up: held by ${result.holder}.`);
  }
}
