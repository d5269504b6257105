/** What many seeds must have met, by its group. Each stands under its name in the tally of a seed that met it. */
export const watched = {
  fault: [
    'calls failed',
    'calls slow',
    'calls late-answer',
    'calls answer-lost',
    'calls twice',
    'calls killed-before',
    'calls killed-after',
    'controllers killed at an await',
    'controllers killed',
    'controllers frozen',
    'leases lost',
    'two controllers',
    'disk slow',
    'disk full',
    'writes torn',
    'partitions',
    'routers killed',
    'routers that forgot',
    'instances killed',
    'instances sick',
    'instances flapping',
    'reboots',
    'outages',
    'clock set forward',
    'clock set back',
    'artifacts damaged',
    'migrations failed up',
    'migrations failed down',
    'metrics missing',
    'metrics stale',
    'metrics lying',
    'two operators at once',
    'rollouts superseded',
  ],
  strategy: ['canary', 'blue-green', 'rolling', 'ab', 'recreate', 'none: a rollback'].map(
    (one) => `strategy ${one}`,
  ),
  phase: [
    'verifying',
    'queued',
    'paused by hand',
    'a person is asked',
    'escalated',
    'users are shielded',
    ...['start', 'command', 'mirror', 'setWeight', 'analyze', 'pause', 'approve', 'soak', 'promote'].map(
      forward,
    ),
    ...['maintenance', 'retire', 'place', 'verify-stable'].map(forward),
    ...['restore', 'preserve', 'command', 'verify-restored'].map(back),
    ...['maintenance', 'retire', 'place', 'restart-stable'].map(back),
  ].map((one) => `phase ${one}`),
  ending: ['succeeded', 'refused', 'failed', 'aborted', 'rolled-back'].map((one) => `ended ${one}`),
} as const satisfies Record<string, readonly string[]>;

/** A world in which nothing happens breaks no law: each of these in so many of the seeds at least. */
export const leastShare = 0.01;

function forward(step: string): string {
  return `forward ${step}`;
}

function back(step: string): string {
  return `back ${step}`;
}

/** A coverage as plain data. */
export interface Met {
  readonly seeds: number;
  readonly times: readonly (readonly [string, number])[];
  readonly seedsWith: readonly (readonly [string, number])[];
}

/** How many seeds met what. */
export class Coverage {
  seeds = 0;
  /** How often it happened, in all seeds together. */
  readonly times = new Map<string, number>();
  readonly #seedsWith = new Map<string, number>();

  /** Of several runs together. */
  static of(parts: readonly Met[]): Coverage {
    const all = new Coverage();
    for (const { seeds, times, seedsWith } of parts) {
      all.seeds += seeds;
      for (const [what, count] of times) all.times.set(what, (all.times.get(what) ?? 0) + count);
      for (const [what, count] of seedsWith)
        all.#seedsWith.set(what, (all.#seedsWith.get(what) ?? 0) + count);
    }
    return all;
  }

  met(): Met {
    return { seeds: this.seeds, times: [...this.times], seedsWith: [...this.#seedsWith] };
  }

  add(tally: ReadonlyMap<string, number>): void {
    this.seeds += 1;
    for (const [what, times] of tally) {
      this.times.set(what, (this.times.get(what) ?? 0) + times);
      this.#seedsWith.set(what, (this.#seedsWith.get(what) ?? 0) + 1);
    }
  }

  /** Of the seeds that met it, by group and name. */
  shares(): Readonly<Record<keyof typeof watched, Readonly<Record<string, number>>>> {
    const of = (names: readonly string[]) =>
      Object.fromEntries(names.map((what) => [what, (this.#seedsWith.get(what) ?? 0) / this.seeds]));
    return {
      fault: of(watched.fault),
      strategy: of(watched.strategy),
      phase: of(watched.phase),
      ending: of(watched.ending),
    };
  }

  /** Name and share of what the fewest seeds met. */
  get rarest(): readonly [string, number] {
    const all = Object.values(this.shares()).flatMap((group) => Object.entries(group));
    return all.reduce((least, one) => (one[1] < least[1] ? one : least));
  }

  /** The least of all shares. */
  get min(): number {
    return this.rarest[1];
  }

  /** Rollouts that ended, refused ones too. */
  get rollouts(): number {
    return watched.ending.reduce((all, ending) => all + (this.times.get(ending) ?? 0), 0);
  }
}
