import { notifierContract } from './contract.ts';
import { memoryNotifier } from './memory.ts';
import type { Channel } from './port.ts';

const channels: Readonly<Record<Channel['kind'], Channel>> = {
  terminal: { kind: 'terminal' },
  file: { kind: 'file', path: 'notices.jsonl' },
  command: { kind: 'command', run: 'tell' },
  webhook: { kind: 'webhook', url: 'http://127.0.0.1/' },
  folder: { kind: 'folder', path: 'Inbox' },
};

notifierContract('the memory notifier', async () => {
  const notifier = memoryNotifier();
  return {
    notifier,
    channel: async (kind) => channels[kind],
    async brokenChannel(kind) {
      notifier.broken.add(kind);
      return channels[kind];
    },
    titles: async (channel) =>
      notifier.delivered.filter((one) => one.channel.kind === channel.kind).map((one) => one.notice.title),
  };
});
