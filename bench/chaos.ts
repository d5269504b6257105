import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceError } from '../src/base/sluice-error.ts';
import type { RolloutSummary } from '../src/engine/api.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { count, countsOf } from './chaos/counts.ts';
import { Ledger, tellCase, tellFailure } from './chaos/ledger.ts';
import { makeChange } from './chaos/make-change.ts';
import { makeFault, type Scene } from './chaos/make-fault.ts';
import { isAt } from './chaos/moments.ts';
import { Operator } from './chaos/operator.ts';
import { type Fault, type FaultCounts, type Harm, type PlannedChange, writeScript } from './chaos/script.ts';
import { type Disk, openDisk } from './chaos/small-disk.ts';
import { ServedProject } from './served-project.ts';
import { type Ask, everyKind, Users } from './users.ts';

/** The full size, which every figure is asked of. */
const full = {
  requests: 250_000,
  changes: 52,
  faults: {
    'kill-controller': 10,
    'freeze-controller': 4,
    'upgrade-router': 5,
    'kill-instance': 6,
    'fill-disk': 3,
  },
} as const;

const rate = 750;

const asks: readonly Ask[] = [...everyKind, { method: 'GET', path: '/' }];

const production = {
  replicas: 2,
  strategy: {
    kind: 'canary',
    holdback: '0%',
    steps: [
      { setWeight: '30%' },
      { pause: 'until-resumed' },
      { setWeight: '60%' },
      { analyze: { bake: '1s', deadline: '3s' } },
    ],
  },
  analysis: { warmup: '1s', block: '1s' },
  lowTraffic: 'promote-on-health',
  onConflict: 'supersede',
  soak: '500ms',
  // Without warm standby, so that each change drains and stops instances under load.
  rollbackWindow: '0s',
};

/** Options of the command line that this bench takes. */
export const takes = ['requests', 'minutes', 'seed'] as const;

interface Size {
  readonly seed: number;
  readonly requests: number;
  readonly limitMs: number;
  readonly changes: number;
  readonly faults: FaultCounts;
}

/** What came of it beside the requests. */
interface Run {
  readonly endings: Map<string, number>;
  readonly made: Map<Harm['kind'], number>;
  /** The moments at which controllers were killed. */
  readonly killedAt: string[];
  readonly disk: string;
  journalWhole: boolean;
  tookMs: number;
}

/**
 * Real processes under load while releases come and go and everything is killed: each request that fails counts, and only
 * what an instance had when it was killed is counted apart.
 */
export async function bench(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const size = sizeOf(options);
  const begun = performance.now();
  const tell = (line: string) =>
    console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  tell(
    `seed ${size.seed}: \`npm run chaos -- --seed ${size.seed} --requests ${size.requests}\` plays it again`,
  );
  const disk = await openDisk();
  const run: Run = {
    endings: new Map(),
    made: new Map(),
    killedAt: [],
    disk: disk?.kind ?? 'no full disk: this user may neither mount one nor limit the size of files',
    journalWhole: false,
    tookMs: 0,
  };
  const ledger = new Ledger();
  const stop = new AbortController();
  // Not at once: what runs, and the disk that was mounted, would be left behind.
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    await played(size, { disk, ledger, run, tell, stop: stop.signal });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await disk?.close();
  }
  run.tookMs = performance.now() - begun;
  return judged(size, ledger, run);
}

function sizeOf({ requests, minutes, seed }: Readonly<Record<string, string>>): Size {
  const wanted = wholeNumber('requests', requests ?? String(full.requests));
  const share = Math.min(1, wanted / full.requests);
  const scaled = (count: number) => Math.max(1, Math.ceil(count * share));
  return {
    seed: wholeNumber('seed', seed ?? String(Math.floor(Math.random() * 1_000_000))),
    requests: wanted,
    limitMs: wholeNumber('minutes', minutes ?? '8') * 60_000,
    changes: Math.max(4, scaled(full.changes)),
    faults: Object.fromEntries(
      Object.entries(full.faults).map(([kind, count]) => [kind, scaled(count)]),
    ) as unknown as FaultCounts,
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text) || (name === 'seed' && text === '0')) return Number(text);
  throw new SluiceError({
    code: 'size-invalid',
    message: `--${name} "${text}" is not a whole number${name === 'seed' ? '' : ' above 0'}.`,
    remedy: 'For a try, `npm run chaos -- --requests 20000 --seed 7`.',
  });
}

interface Stage {
  readonly disk: Disk | null;
  readonly ledger: Ledger;
  readonly run: Run;
  readonly tell: (line: string) => void;
  /** No change begins after it. */
  readonly stop: AbortSignal;
}

async function played(size: Size, { disk, ledger, run, tell, stop }: Stage): Promise<void> {
  const project = await ServedProject.make(production, undefined, disk?.within);
  const operator = new Operator(project);
  let users: Users | null = null;
  try {
    for (const unit of ['U-1', 'U-2', 'U-3', 'U-4']) await project.add(unit, 0);
    await project.begin('U-1');
    users = new Users(project.url, { rate, asks, onSeen: ledger.add });
    const player = new Player({ root: project.root, operator, ledger, disk }, users, { run, tell });
    const until = performance.now() + size.limitMs;
    const inTime = () => performance.now() < until && !stop.aborted;
    for (const change of writeScript(size)) if (inTime()) await player.play(change);
    // The script is through; what is left of the requests meets rollouts without faults.
    for (const kind of turns()) {
      if (ledger.requests >= size.requests || !inTime()) break;
      await player.play({ kind, faults: [] });
    }
    run.journalWhole = await operator.verifyJournal();
  } finally {
    await users?.end();
    operator.stop();
    await project.close();
  }
}

function* turns(): Generator<PlannedChange['kind']> {
  for (;;) yield* ['promote', 'abort', 'supersede', 'rollback'] as const;
}

/** Plays one change after the other with its faults, and tells of each. */
class Player {
  readonly #scene: Scene;
  readonly #users: Users;
  readonly #run: Run;
  readonly #tell: (line: string) => void;
  #count = 0;

  constructor(scene: Omit<Scene, 'roles'>, users: Users, { run, tell }: Pick<Stage, 'run' | 'tell'>) {
    this.#scene = { ...scene, roles: () => this.#roles() };
    this.#users = users;
    this.#run = run;
    this.#tell = tell;
  }

  async play({ kind, faults }: PlannedChange): Promise<void> {
    const { operator, ledger } = this.#scene;
    this.#count += 1;
    const begun = { rollouts: [] as string[], over: false };
    const onBegun = (rollout: string) => void begun.rollouts.push(rollout);
    const failedBefore = ledger.failures.length;
    const played = makeChange(kind, { operator, users: this.#users, onBegun }).finally(() => {
      begun.over = true;
    });
    const struck = faults.map((fault) => this.#strike(fault, begun));
    // Also where one of them fails, the others end first: each undoes what it did.
    const all = await Promise.allSettled([played, ...struck]);
    for (const one of all) if (one.status === 'rejected') throw one.reason;
    const endings = await played;
    await this.#untilWhole();
    for (const end of endings) {
      count(
        this.#run.endings,
        kind === 'rollback' && end.ending === 'succeeded' ? 'rolled back' : wordOf(end),
      );
      this.#tell(
        `${String(this.#count).padStart(3)}  ${kind.padEnd(9)} ${end.rollout} ${wordOf(end)}${whyOf(end)}`,
      );
    }
    this.#tellFailures(failedBefore);
  }

  /** Waits for its moment, or the end of the change where the moment was too short to be seen. */
  async #strike(
    { at, delayMs, harm }: Fault,
    begun: { readonly rollouts: readonly string[]; readonly over: boolean },
  ): Promise<void> {
    const isNow = async () => {
      const state = await this.#scene.operator.look();
      return state !== null && begun.rollouts.some((rollout) => isAt(at, state, rollout));
    };
    let met = await isNow();
    while (!met && !begun.over) {
      await sleep(10);
      met = await isNow();
    }
    await sleep(delayMs);
    const done = await makeFault(harm, this.#scene);
    const when = met ? `${at} + ${delayMs} ms` : `the change ended without "${at}"`;
    if (done !== null) {
      count(this.#run.made, harm.kind);
      if (harm.kind === 'kill-controller') this.#run.killedAt.push(met ? at : 'the end of a change');
    }
    this.#tell(`     ⚡ ${done ?? `${harm.kind}: nothing there to do it to`} (${when})`);
  }

  /** The next change finds everything in its place, so that one fault is seen for itself. */
  async #untilWhole(): Promise<void> {
    for (const limit = performance.now() + 60_000; performance.now() < limit; await sleep(50)) {
      const { stable, instances, rollout } = await this.#scene.operator.state();
      const ready = Object.values(instances).filter(
        (one) => one.rollout === stable?.rollout && one.status === 'ready',
      );
      if (rollout === null && ready.length >= production.replicas) return;
    }
    throw new Error('a minute passed and stable does not have all its instances again');
  }

  async #roles() {
    const { stable, rollout } = await this.#scene.operator.state();
    const plan = rollout === null || rollout.phase === 'verifying' ? null : rollout.plan;
    const candidate = plan === null || rollout?.rollout === stable?.rollout ? null : plan.release.version;
    return { stable: stable?.release.version ?? null, candidate };
  }

  #tellFailures(from: number): void {
    for (const [what, times] of countsOf(this.#scene.ledger.failures.slice(from).map(tellFailure)))
      this.#tell(`     ✗ ${times} × ${what}`);
  }
}

function wordOf({ ending, code }: RolloutSummary): string {
  return code === null || code === ending ? ending : `${ending} (${code})`;
}

/** What was not asked for has a reason that is worth reading. */
function whyOf({ ending, code, reason }: RolloutSummary): string {
  const isAsked = ending === 'succeeded' || code === 'aborted' || code === 'superseded';
  return isAsked ? '' : `: ${reason}`;
}

function judged(size: Size, ledger: Ledger, run: Run): BenchResult {
  const { failed, inFlightOfKilled } = ledger.judged();
  const changes = [...run.endings.values()].reduce((all, one) => all + one, 0);
  const made = (kind: Harm['kind']) => run.made.get(kind) ?? 0;
  const result = resultOf(
    [
      { key: 'requests', value: ledger.requests, relation: '>=', limit: size.requests },
      { key: 'failed', value: failed.length, relation: '<=', limit: 0 },
      { key: 'changes', value: changes, relation: '>=', limit: size.changes },
      {
        key: 'controllersKilled',
        value: made('kill-controller'),
        relation: '>=',
        limit: size.faults['kill-controller'],
      },
      {
        key: 'routersUpgraded',
        value: made('upgrade-router'),
        relation: '>=',
        limit: size.faults['upgrade-router'],
      },
      { key: 'journalsDamaged', value: run.journalWhole ? 0 : 1, relation: '<=', limit: 0 },
    ],
    linesOf(size, ledger, run),
  );
  return { ...result, figures: { ...result.figures, inFlightOfKilled: inFlightOfKilled.length } };
}

function linesOf(size: Size, ledger: Ledger, run: Run): readonly string[] {
  const { failed, inFlightOfKilled } = ledger.judged();
  const table = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([what, times]) => `  ${String(times).padStart(7)}  ${what}`);
  return [
    `seed ${size.seed}; ${(run.tookMs / 1000).toFixed(0)} s at ${rate} requests a second with bursts; ${run.disk}`,
    'rollouts, by how they ended:',
    ...table(run.endings),
    'faults:',
    ...table(run.made),
    `controllers were killed at: ${run.killedAt.join(', ')}`,
    `requests ${ledger.requests}; ${ledger.tellLatency()}; answered by:`,
    ...table(ledger.releases),
    `in flight on an instance that was killed: ${inFlightOfKilled.length}, on ${ledger.kills.length} instances`,
    ...table(countsOf(inFlightOfKilled.map(tellFailure))),
    `failed without an excuse: ${failed.length}`,
    ...failed.slice(0, 50).map((failure) => `  ${tellCase(failure, ledger.kills)}`),
  ];
}
