import type { MirrorCounts } from '../src/base/counts.ts';
import type { InstanceId } from '../src/base/ids.ts';
import type { Backend, RouteTable } from '../src/base/route-table.ts';
import type { RequestHead } from '../src/router/engine.ts';
import { Mirror } from '../src/router/mirror.ts';
import type { HeadSeen } from '../src/router/mirror-counter.ts';
import type { MirrorPair } from '../src/router/mirror-pair.ts';
import { type CopyEnd, mostCopies } from '../src/router/mirror-sender.ts';
import { isSafe } from '../src/router/shield.ts';
import { TargetCounters } from '../src/router/target-counters.ts';
import type { Fact } from './law.ts';
import type { Random } from './random.ts';
import type { Answering } from './router.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a user asks for, as far as that decides whether it is copied or answered by another instance. */
export interface UserRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** Who is copied and what is counted of it is the router's own; what comes of a copy is what the world knows of its instance. */
export class Copies {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #tell: (fact: Fact) => void;
  readonly #answering: (instance: InstanceId) => Answering | null;
  #counters = new TargetCounters();
  #table: RouteTable | null = null;
  #mirror: Mirror | null = null;
  readonly #underWay = new Set<object>();

  constructor(options: {
    readonly clock: VirtualClock;
    readonly random: Random;
    readonly tell: (fact: Fact) => void;
    readonly answering: (instance: InstanceId) => Answering | null;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#tell = options.tell;
    this.#answering = options.answering;
  }

  /** Copies a request that goes to stable, if it is one to be copied; null: it is not. */
  copy(table: RouteTable, { method, path }: UserRequest): MirrorPair | null {
    const head: RequestHead = {
      method,
      path,
      host: '',
      headers: {},
      remoteAddress: '',
      headBytes: 0,
      bodyBytes: 0,
      upgrade: false,
      asksVersion: false,
      fieldsFor: () => [],
    };
    return this.#by(table)?.copy(head) ?? null;
  }

  /** What a user of stable got, by the table that is in force then. */
  stableHad(table: RouteTable | null, { method }: UserRequest, bad: boolean): void {
    if (table === null || !isSafe(method)) return;
    for (const counter of this.#by(table)?.counters ?? []) counter.stableHad(bad);
  }

  /** Null: there were none. */
  counts(): readonly MirrorCounts[] | null {
    return this.#counters.read({ epoch: '', at: 0, inFlight: () => 0 }).mirror ?? null;
  }

  /** What is under way gets no outcome, and counting begins anew. */
  die(): void {
    this.#counters = new TargetCounters();
    this.#table = null;
    this.#underWay.clear();
  }

  #by(table: RouteTable): Mirror | null {
    if (table === this.#table) return this.#mirror;
    this.#table = table;
    const { mirror, limits } = table;
    this.#mirror =
      mirror === undefined
        ? null
        : new Mirror(mirror, {
            sender: this.#sender(mirror.backends),
            counters: this.#counters,
            random: () => this.#random.number(),
            headMs: limits.upstreamHeadMs,
          });
    return this.#mirror;
  }

  #sender(backends: readonly Backend[]): ConstructorParameters<typeof Mirror>[1]['sender'] {
    const isFull = () => this.#underWay.size >= mostCopies;
    return {
      get isFull() {
        return isFull();
      },
      send: ({ address }, ended) => {
        const copy = {};
        const backend = backends.find((one) => one.address === address);
        if (backend !== undefined) this.#send(copy, backend, ended);
        return () => this.#underWay.delete(copy);
      },
    };
  }

  #send(copy: object, { instance, generation }: Backend, ended: CopyEnd): void {
    this.#tell({ kind: 'copy', instance, generation });
    this.#underWay.add(copy);
    const end = (seen: HeadSeen) => {
      // Whoever sent it is gone.
      if (!this.#underWay.delete(copy)) return;
      ended(seen, seen.status !== null);
      const { status } = seen;
      this.#tell({ kind: 'copied', generation, bad: status !== 200, died: status === null });
    };
    const answering = this.#answering(instance);
    if (answering === null) {
      end(noHead);
      return;
    }
    const { pid, truth } = answering;
    const latencyMs = truth.latencyMs + this.#random.between(0, 10);
    const status = this.#random.chance(truth.badShare) ? 500 : 200;
    this.#clock.after(latencyMs, () => {
      const died = this.#answering(instance)?.pid !== pid;
      end(died ? noHead : { status, latencyMs });
      this.#clock.nothingFollows();
    });
  }
}

const noHead: HeadSeen = { status: null, latencyMs: null };
