import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unreachable } from '../base/invariant.ts';
import { replaceFile } from '../disk/replace-file.ts';
import type { Channel, Notice, Notifier } from '../ports/notify/port.ts';

/** One thing for one receiver. Plain JSON, so that it can wait on disk; doing it twice is doing it once where it can be. */
export type Delivery =
  | { readonly kind: 'notice'; readonly notice: Notice; readonly channel: Channel }
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

/** The same for a delivery that is repeated after a crash. */
export function deliveryId(delivery: Delivery): string {
  return delivery.kind === 'file' ? `file ${delivery.path}` : `${delivery.notice.id} ${laneOf(delivery)}`;
}

/** Deliveries of one lane keep their order and fail together: a receiver that is away. */
export function laneOf(delivery: Delivery): string {
  return delivery.kind === 'file' ? `file ${delivery.path}` : JSON.stringify(delivery.channel);
}

/** What may be said of it in logs and the journal: commands and addresses can hold secrets. */
export function deliveryText(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'file':
      return `the file ${delivery.path}`;
    case 'notice':
      return `the notice ${delivery.notice.id} to a ${delivery.channel.kind}`;
    default:
      return unreachable(delivery);
  }
}

/** Rejects when it did not arrive. */
export async function attempt(delivery: Delivery, notifier: Notifier): Promise<void> {
  if (delivery.kind === 'notice') return notifier.deliver(delivery.notice, delivery.channel);
  await mkdir(dirname(delivery.path), { recursive: true });
  await replaceFile(delivery.path, delivery.text, { mode: 0o644 });
}
