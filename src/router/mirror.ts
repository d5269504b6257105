import { type Backend, fullWeight, type MirrorSettings } from '../base/route-table.ts';
import type { RequestHead } from './engine.ts';
import { mirrorHeader } from './forwarded-headers.ts';
import type { MirrorCounter } from './mirror-counter.ts';
import { MirrorPair } from './mirror-pair.ts';
import type { MirrorSender } from './mirror-sender.ts';
import { isSafe } from './shield.ts';
import type { TargetCounters } from './target-counters.ts';

export interface MirrorTools {
  readonly sender: Pick<MirrorSender, 'isFull' | 'send'>;
  readonly counters: TargetCounters;
  readonly random: () => number;
  /** An instance has this long for the head of its answer. */
  readonly headMs: number;
}

interface Receiver {
  readonly backend: Backend;
  readonly counter: MirrorCounter;
}

/** Who gets copies by one table, and which requests are copied. */
export class Mirror {
  /** One for each generation that gets copies. */
  readonly counters: readonly MirrorCounter[];
  #tools: MirrorTools;
  #receivers: readonly Receiver[];
  #share: number;
  #turn = 0;

  constructor({ backends, share }: MirrorSettings, tools: MirrorTools) {
    this.#tools = tools;
    this.#share = share;
    // What is so old that nothing is counted for it any more is sent nothing either.
    this.#receivers = backends.flatMap((backend) => {
      const counter = tools.counters.mirror(backend.generation);
      return counter === null ? [] : [{ backend, counter }];
    });
    this.counters = [...new Set(this.#receivers.map(({ counter }) => counter))];
  }

  /** Sends a copy of a request that goes to stable, if it is one to be copied; null: there is none. */
  copy(head: RequestHead): MirrorPair | null {
    const { sender, random } = this.#tools;
    if (!mayCopy(head) || random() * fullWeight >= this.#share) return null;
    const receiver = this.#receivers[this.#turn];
    if (receiver === undefined) return null;
    this.#turn = (this.#turn + 1) % this.#receivers.length;
    if (!sender.isFull) return this.#send(head, receiver);
    receiver.counter.skip();
    return null;
  }

  #send(head: RequestHead, { backend: { address }, counter }: Receiver): MirrorPair {
    const { sender, counters, headMs } = this.#tools;
    const { method, path } = head;
    const pair = new MirrorPair((stable, candidate) =>
      counter.pair(counters.route({ method, path }), stable, candidate),
    );
    const headers = [...head.fieldsFor(address), mirrorHeader, 'true'];
    const cut = sender.send({ address, method, path, headers, headMs }, (seen, whole) => {
      if (seen === null) {
        counter.skip();
        return;
      }
      counter.copied(seen, whole);
      pair.copy(seen);
    });
    pair.onAbandoned(cut);
    return pair;
  }
}

function mayCopy({ method, upgrade, bodyBytes }: RequestHead): boolean {
  return isSafe(method) && !upgrade && bodyBytes === 0;
}
