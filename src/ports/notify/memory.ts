import { itemFileName } from './folder-item.ts';
import { notDelivered } from './not-delivered.ts';
import type { Channel, Notice, Notifier } from './port.ts';

/** A `Notifier` that keeps what it was given. */
export interface MemoryNotifier extends Notifier {
  /** In order; a folder keeps one item an id, the other channels every delivery. */
  readonly delivered: { readonly notice: Notice; readonly channel: Channel }[];
  /** Kinds of channel that fail from now on. */
  readonly broken: Set<Channel['kind']>;
}

export function memoryNotifier(): MemoryNotifier {
  const delivered: MemoryNotifier['delivered'] = [];
  const broken = new Set<Channel['kind']>();
  return {
    delivered,
    broken,
    async deliver(notice, channel) {
      if (broken.has(channel.kind)) throw notDelivered(notice, channel, 'it is broken');
      const there = delivered.some(
        (one) =>
          channel.kind === 'folder' &&
          one.channel.kind === 'folder' &&
          one.channel.path === channel.path &&
          itemFileName(one.notice.id) === itemFileName(notice.id),
      );
      if (!there) delivered.push({ notice, channel });
    },
  };
}
