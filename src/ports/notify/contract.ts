import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Channel, Notice, Notifier } from './port.ts';

/** A notifier, channels of each kind, and what arrived at them. */
export interface NotifyWorld {
  readonly notifier: Notifier;
  channel(kind: Channel['kind']): Promise<Channel>;
  /** A channel of the kind whose receiver refuses. */
  brokenChannel(kind: Channel['kind']): Promise<Channel>;
  /** Titles that arrived at the channel, in order. */
  titles(channel: Channel): Promise<readonly string[]>;
}

export function sampleNotice(over: Partial<Notice> = {}): Notice {
  return {
    id: 'R-1.start',
    kind: 'start',
    at: 1_800_000_000_000,
    title: 'web 1.4.2 goes to production',
    body: '# Start\n\nwith ünïcode',
    facts: { rollout: 'R-1', weights: [5, 95], note: "it's" },
    ...over,
  };
}

const kinds = ['terminal', 'file', 'command', 'webhook', 'folder'] as const;

/** What every notifier does. `open` gives a new world; whoever opens it cleans it up. */
export function notifierContract(name: string, open: () => Promise<NotifyWorld>): void {
  describe(`${name} as a notifier`, () => {
    for (const kind of kinds) {
      it(`delivers to a ${kind}, in order`, async () => {
        const { notifier, channel, titles } = await open();
        const to = await channel(kind);
        const expected = ['one', 'zwei „drei“'];
        for (const title of expected) await notifier.deliver(sampleNotice({ id: title, title }), to);
        assert.deepEqual(await titles(to), expected);
      });

      it(`rejects when a ${kind} does not take it, and delivers to another one after that`, async () => {
        const { notifier, channel, brokenChannel, titles } = await open();
        const to = await channel(kind === 'file' ? 'folder' : 'file');
        await assert.rejects(notifier.deliver(sampleNotice(), await brokenChannel(kind)), {
          code: 'notice-not-delivered',
        });
        await notifier.deliver(sampleNotice({ title: 'after' }), to);
        assert.deepEqual(await titles(to), ['after']);
      });
    }

    it('keeps one item in a folder however often it is delivered', async () => {
      const { notifier, channel, titles } = await open();
      const to = await channel('folder');
      await Promise.all([1, 2, 3].map(() => notifier.deliver(sampleNotice({ title: 'once' }), to)));
      assert.deepEqual(await titles(to), ['once']);
    });
  });
}
