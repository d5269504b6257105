import type { Server } from 'node:net';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { version } from '../disk/version.ts';
import { type FromPredecessor, type FromSuccessor, handOverFormat } from './hand-over-messages.ts';
import { Predecessor } from './predecessor.ts';
import { Router, type RouterOptions } from './router.ts';

type Options = Omit<RouterOptions, 'socketPath' | 'reset'>;

/**
 * Takes over from the router that started this process, as `hand-over-messages.ts` tells. Rejects when it does not come
 * to that; the other stays in charge. When that one dies in the middle, this one goes on with what it has got by then.
 */
export async function takeOver(options: Options): Promise<Router> {
  const taking = new Taking(options);
  process.once('disconnect', () => taking.alone());
  process.on('message', (message, socket) => {
    // A socket accepts from this moment on, so it is given to its engine before anything else happens.
    taking.heard(message as FromPredecessor, socket as Server | undefined);
  });
  tell({ kind: 'hello' });
  try {
    return await taking.serving;
  } catch (error) {
    tell({ kind: 'failed', error: errorFacts(error) });
    throw error;
  }
}

class Taking {
  #options: Options;
  #served = Promise.withResolvers<Router>();
  #begun: Promise<Router> | null = null;
  #serve: Promise<void> | null = null;
  #router: Router | null = null;
  #elder: Predecessor | null = null;
  #adopted: Promise<void>[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  /** Rejects with whatever went wrong. */
  get serving(): Promise<Router> {
    return this.#served.promise;
  }

  heard(message: FromPredecessor, socket: Server | undefined): void {
    const router = this.#router;
    switch (message.kind) {
      case 'take-over':
        this.#begun = this.#begin(message);
        this.#begun.catch(this.#served.reject);
        return;
      case 'listener':
        if (router !== null && socket !== undefined)
          this.#adopted.push(router.switchboard.adopt(message.address, socket));
        return;
      case 'complete':
        this.#finish((one) => one.door.take());
        return;
      case 'report':
        router?.switchboard.absorb(message.reports);
        return;
      case 'done':
        this.#elder?.heard(message);
    }
  }

  /** The other router is gone. Another one may have been started in its place. */
  alone(): void {
    const ended = new Error('The router of before ended before this one could take over.');
    if (this.#begun === null) this.#served.reject(ended);
    else this.#finish((router) => router.door.takeFree());
  }

  async #begin(told: FromPredecessor & { kind: 'take-over' }): Promise<Router> {
    const { format, socketPath, epoch, reports } = told;
    if (format !== handOverFormat) throw otherFormat(format);
    const router = new Router({ ...this.#options, socketPath, epoch });
    const elder = new Predecessor(this.#options.clock, told);
    void elder.gone.then(() => router.switchboard.elderEnded());
    await router.switchboard.inherit(elder, reports);
    await router.door.listen();
    this.#router = router;
    this.#elder = elder;
    tell({ kind: 'ready' });
    return router;
  }

  #finish(take: (router: Router) => Promise<void>): void {
    this.#serve ??= this.#open(take).catch(this.#served.reject);
  }

  async #open(take: (router: Router) => Promise<void>): Promise<void> {
    const router = await this.#begun;
    if (router === null) return;
    await Promise.all(this.#adopted);
    await router.switchboard.openRest();
    await take(router);
    tell({ kind: 'serving', pid: process.pid, version });
    this.#served.resolve(router);
  }
}

function tell(message: FromSuccessor): void {
  // Its end is told by 'disconnect'.
  if (process.connected) process.send?.(message, () => {});
}

function otherFormat(format: number): SluiceError {
  return new SluiceError({
    code: 'router-upgrade-failed',
    message: `The running router hands over in format ${format}, and this one knows ${handOverFormat}.`,
    remedy: 'Restart it at a quiet time: `sluice down`, then any command.',
  });
}
