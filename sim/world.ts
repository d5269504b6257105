import type { Digest } from '../src/base/digest.ts';
import type { InstanceId } from '../src/base/ids.ts';
import type { ProjectConfig } from '../src/config/config.ts';
import type { JournalEvent } from '../src/journal/journal.ts';
import { MemoryJournal } from '../src/journal/memory-journal.ts';
import { type MemoryArtifactStore, memoryArtifactStore } from '../src/ports/artifact/memory.ts';
import { MemoryCommandRunner, type PretendedCommand } from '../src/ports/command/memory-command-runner.ts';
import { memoryNotifier } from '../src/ports/notify/memory.ts';
import { memoryQaReports } from '../src/ports/qa/memory.ts';
import { type Behaviour, MemoryRuntime } from '../src/ports/runtime/memory-runtime.ts';
import type { InstanceObservation, InstanceSpec, StopOptions } from '../src/ports/runtime/port.ts';
import { standardRestarts } from '../src/ports/runtime/restart-policy.ts';
import { Disk } from './disk.ts';
import { EqualCopies } from './equal-copies.ts';
import { Faults } from './faults.ts';
import type { Fact, Law, WorldView } from './law.ts';
import { allLaws } from './laws/all-laws.ts';
import { Ledger } from './ledger.ts';
import type { Life } from './life.ts';
import type { Source } from './metrics.ts';
import { phasesOf } from './phases-of.ts';
import { Random } from './random.ts';
import { type Answering, Router } from './router.ts';
import { configOf, drawScenario, type Scenario, type Truth, worldTarget } from './scenario.ts';
import { Story } from './story.ts';
import { Strikes } from './strikes.ts';
import { lineOf } from './trace-line.ts';
import { VirtualClock } from './virtual-clock.ts';

export { worldTarget };

/** What went wrong in a run, and when. */
export interface Broken {
  readonly law: string;
  readonly what: string;
  readonly atMs: number;
}

export interface WorldOptions {
  /** Number of the only law that is judged; default: all, and that nothing unexpected happens. */
  readonly law?: number;
  /** What is drawn otherwise. */
  readonly scenario?: Partial<Scenario>;
  /** Names of what strikes and of who asks; nothing else does. Default: whatever is drawn. */
  readonly only?: readonly string[];
  /** Told of everything that happens. */
  readonly print?: (line: string) => void;
  /** Told the same as a story: without what is only bookkeeping. */
  readonly narrate?: (line: string) => void;
}

/** One seed's world: the ports in memory, the users, and everything that laws are judged on. */
export class World implements WorldView {
  readonly random: Random;
  readonly strikes: Strikes;
  readonly scenario: Scenario;
  readonly config: ProjectConfig;
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 5, 9));
  readonly journal = new MemoryJournal();
  readonly ledger = new Ledger();
  readonly artifacts: MemoryArtifactStore = memoryArtifactStore();
  readonly qa = memoryQaReports();
  readonly notifier = memoryNotifier();
  readonly faults: Faults;
  readonly disk = new Disk(() => this.nowMs);
  readonly runtime: MemoryRuntime;
  readonly commands: MemoryCommandRunner;
  readonly router: Router;
  readonly instances = new Map<InstanceId, InstanceObservation>();
  readonly overridden = new Set<string>();
  readonly damaged = new Set<string>();
  readonly #overriding = new Set<string>();
  /** How often what happened. */
  readonly tally = new Map<string, number>();
  broken: Broken | null = null;
  /** What the metric from outside is worth. */
  source: Source = 'honest';
  /** What every release needs at its start is away. */
  outage = false;
  /** Ends a controller at one of its awaits; `at` names it. */
  dies: (life: Life, at: string) => void = () => {};
  /** False while no controller acts. */
  controlled = false;
  #disturbedUntilMs = 0;
  readonly #laws: readonly Law[];
  readonly #judgesAll: boolean;
  readonly #print: ((line: string) => void) | undefined;
  readonly #narrate: ((line: string) => void) | undefined;
  readonly #story = new Story(this.ledger);
  readonly #equalCopies = new EqualCopies(
    (what) => this.count(what),
    (unit) => this.#truthOf(unit)?.badShare ?? 0,
  );
  readonly #launches = new Map<InstanceId, number>();
  #asked = false;
  readonly #running = new Map<InstanceId, { readonly digest: string; readonly unit: string }>();
  readonly #approved = new Map<string, Digest>();
  /** First line of an artifact → what was built. */
  readonly #built = new Map<string, { readonly digest: Digest; readonly truth: Truth }>();

  constructor(seed: number, { law, only, scenario = {}, print, narrate }: WorldOptions) {
    this.random = new Random(seed);
    this.strikes = new Strikes(seed, only);
    this.scenario = { ...drawScenario(this.random.of('scenario')), ...scenario };
    this.config = configOf(this.scenario);
    this.#laws = allLaws().filter(({ name }) => law === undefined || law === Number.parseInt(name, 10));
    this.#judgesAll = law === undefined;
    this.#print = print;
    this.#narrate = narrate;
    const { clock } = this;
    this.faults = new Faults({
      share: this.scenario.faultShare,
      hotPort: this.scenario.hotPort,
      kills: this.scenario.crashEveryMs > 0 || this.scenario.diesAt !== null,
      dies: (life, at) => this.dies(life, at),
      count: (what) => this.count(what),
      trace: (line) => this.trace(line),
      strikes: this.strikes,
      clock,
      disturbed: (untilMs) => this.disturb(untilMs),
    });
    this.runtime = new MemoryRuntime({
      clock,
      behaviour: (spec) => this.#behaviour(spec),
      restarts: { ...standardRestarts, calmMs: 2_500 },
      onStop: (id) => this.#stops(id),
    });
    this.commands = new MemoryCommandRunner({
      clock,
      pretend: ({ spec, directory }) => this.#command(spec.run, directory),
    });
    this.router = new Router({
      clock,
      random: this.random,
      longShare: this.scenario.longShare,
      tell: (fact) => this.tell(fact),
      answering: (instance) => this.#answering(instance),
    });
    this.runtime.watch((observation) => this.#observe(observation));
  }

  /** Builds every unit, and lays down what QA says of it. */
  async prepare(): Promise<void> {
    for (const truth of this.scenario.units) {
      const { unit, qa } = truth;
      const path = `build/${unit}`;
      this.artifacts.inputs.set(path, { 'server.js': { type: 'file', mode: 0o644, text: `// ${unit}` } });
      const built = { path, service: worldTarget.service, unit, version: null, commit: null, dirty: false };
      const { digest } = await this.artifacts.add({ ...built, at: this.now, by: 'ada' });
      this.#built.set(`// ${unit}`, { digest, truth });
      if (qa === 'missing') continue;
      const approved = qa === 'foreign' ? `sha256:${'0'.repeat(64)}` : digest;
      this.qa.approve(unit, [`artifact: ${approved}`, 'date: 2026-01-05T08:00:00Z']);
      if (qa === 'approved') this.#approved.set(unit, digest);
      if (qa === 'rejected') this.#reject(`QA/QA-Report-${unit}.md`);
    }
  }

  /** Somebody edits what is stored. */
  damage(unit: string): void {
    if (!this.strikes.happens('damage')) return;
    const text = `// ${unit}`;
    for (const [key, stored] of this.artifacts.blobs)
      if (stored === text) this.artifacts.blobs.set(key, `${text}!`);
    this.damaged.add(unit);
    this.count('artifacts damaged');
    this.trace(`the artifact of ${unit} is damaged`);
  }

  get now(): number {
    return this.clock.now();
  }

  get nowMs(): number {
    return this.clock.monotonicMs();
  }

  get table(): WorldView['table'] {
    return this.router.table;
  }

  get calmSinceMs(): number {
    return this.controlled && this.router.up && !this.router.cut
      ? this.#disturbedUntilMs
      : Number.POSITIVE_INFINITY;
  }

  approvedDigest(unit: string): string | null {
    return this.#approved.get(unit) ?? null;
  }

  running(instance: InstanceId): { readonly digest: string; readonly unit: string } | null {
    return this.#running.get(instance) ?? null;
  }

  inFlight(instance: InstanceId): number {
    return this.router.inFlight(instance);
  }

  diskHurtSince(ms: number): boolean {
    return this.disk.hurtSince(ms);
  }

  /** Every instance of the stable release serves, or cannot be started any more. */
  isStableUp(): boolean {
    const plan = this.ledger.plans.get(this.ledger.stable ?? '');
    if (plan === undefined || this.damaged.has(plan.release.unit ?? '')) return true;
    const own = [...this.instances.values()].filter(({ id }) => this.ledger.ownerOf(id) === plan.rollout);
    return own.filter(({ status }) => status === 'ready').length >= plan.replicas;
  }

  /** Whatever happens now may have effects until then. */
  disturb(untilMs: number = this.nowMs): void {
    this.#disturbedUntilMs = Math.max(this.#disturbedUntilMs, untilMs);
  }

  /** Every law hears of it; the first one that it breaks ends the run. */
  tell(fact: Fact): void {
    if (this.broken !== null) return;
    this.#equalCopies.hear(fact, this.ledger);
    if (fact.kind === 'event') {
      this.#foldEvent(fact.event);
    }
    this.#traceFact(fact);
    for (const law of this.#laws) {
      const what = law.judge(fact, this);
      if (what === null) continue;
      this.#break(law.name, what);
      return;
    }
  }

  /** Somebody is about to ask for a rollout in spite of open incidents. */
  overriding(user: string, unit: string): void {
    this.#overriding.add(`${user} ${unit}`);
  }

  /** Something happened that no fault explains. */
  surprises(what: string): void {
    if (this.#judgesAll) this.#break('nothing unexpected happens', what);
  }

  #break(law: string, what: string): void {
    this.trace(`BROKEN ${law}: ${what}`);
    this.broken ??= { law, what, atMs: this.nowMs };
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  trace(line: string): void {
    if (this.broken !== null) return;
    this.#print?.(this.#stamped(line));
    this.#narrate?.(this.#stamped(this.#story.named(line)));
  }

  #stamped(line: string): string {
    return `${(this.nowMs / 1_000).toFixed(3).padStart(8)}  ${line}`;
  }

  /** What a controller logs is a failed attempt. One that no fault explains is a defect of the product. */
  heard(life: Life, line: string): void {
    this.#print?.(this.#stamped(`${life.name} says: ${line}`));
    const expected = [
      'did not answer',
      'does not answer',
      'is in force',
      'The table in force',
      'Another controller',
      'is stopping',
      'belongs to a later controller',
      'The disk under',
    ];
    const changed = /stored bytes|artifact/i.test(line);
    if (!changed && !expected.some((text) => line.includes(text))) this.surprises(line);
  }

  starts(spec: InstanceSpec): void {
    const file = this.artifacts.directories.get(spec.directory)?.['server.js'];
    const built = this.#built.get(file?.type === 'file' ? file.text : '');
    this.#running.set(spec.id, { digest: built?.digest ?? 'changed', unit: spec.release.unit ?? '' });
    this.tell({ kind: 'ensure', instance: spec.id, generation: this.ledger.ownerOf(spec.id) });
  }

  /** A controller's word, which the laws judge where it is heard; a machine that goes down asks nobody. */
  asksToStop(id: InstanceId, options: StopOptions): Promise<void> {
    this.#asked = true;
    const stopped = this.runtime.stop(id, options);
    this.#asked = false;
    return stopped;
  }

  #stops(id: InstanceId): void {
    if (this.#asked && this.instances.has(id))
      this.tell({ kind: 'stop', instance: id, generation: this.ledger.ownerOf(id) });
  }

  #foldEvent(event: JournalEvent): void {
    this.ledger.fold(event, this.nowMs);
    const { rollout, unit, by, ending } = event.data as Record<string, string>;
    const requested = event.type === 'RolloutRequested' || event.type === 'RolloutQueued';
    if (requested && this.#overriding.delete(`${by} ${unit}`)) this.overridden.add(rollout ?? '');
    if (event.type === 'RolloutEnded') this.count(`ended ${ending}`);
    for (const phase of phasesOf(event, this.ledger)) this.count(phase);
  }

  /** Whether the release of this version fails its users; versions begin as their digests do. */
  fails(version: string): boolean {
    const built = [...this.#built.values()].find(({ digest }) => digest.includes(version));
    return built !== undefined && version !== '' && built.truth.badShare > 0.1;
  }

  #reject(path: string): void {
    const text = String(this.qa.files.get(path)?.text).replace('status: approved', 'status: rejected');
    this.qa.files.set(path, { text });
  }

  #truth(directory: string): Truth | undefined {
    const file = this.artifacts.directories.get(directory)?.['server.js'];
    return file?.type === 'file' ? this.#built.get(file.text)?.truth : undefined;
  }

  #behaviour({ id, directory }: InstanceSpec): Behaviour {
    const launch = (this.#launches.get(id) ?? 0) + 1;
    this.#launches.set(id, launch);
    const truth = this.#truth(directory);
    if (truth?.start === 'hangs') return { kind: 'hangs' };
    const exits =
      this.outage ||
      truth === undefined ||
      truth.start === 'exits' ||
      (truth.start === 'flaky' && launch === 1);
    return exits
      ? { kind: 'exits', afterMs: 100, code: 1 }
      : { kind: 'becomes-ready', afterMs: truth.readyAfterMs };
  }

  #command(run: string, directory: string): PretendedCommand {
    const name = this.strikes.next(`run of ${run}`);
    const random = this.strikes.random(name);
    const takesMs = random.between(5, 400);
    const truth = this.#truth(directory);
    if (run === truth?.migrationFails) {
      this.count(`migrations failed ${run}`);
      return { exitCode: 1, output: run, takesMs };
    }
    if (run === 'smoke' && truth?.smokeFails) return { exitCode: 1, output: 'smoke', takesMs };
    if (this.faults.share > 0 && random.chance(0.04) && this.strikes.happens(`failing ${name}`)) {
      return random.chance(0.3)
        ? { exitCode: 0, takesMs: Number.POSITIVE_INFINITY }
        : { exitCode: 3, takesMs };
    }
    return { exitCode: 0, takesMs };
  }

  #answering(instance: InstanceId): Answering | null {
    const seen = this.instances.get(instance);
    if (seen === undefined || seen.pid === null || seen.status === 'starting') return null;
    const truth = this.#truthOf(this.#running.get(instance)?.unit ?? '');
    return truth === undefined ? null : { pid: seen.pid, truth };
  }

  #truthOf(unit: string): Truth | undefined {
    return this.scenario.units.find((one) => one.unit === unit);
  }

  #observe(observation: InstanceObservation): void {
    if (observation.status === 'stopped') this.instances.delete(observation.id);
    else this.instances.set(observation.id, observation);
    this.tell({ kind: 'observed', observation });
  }

  #traceFact(fact: Fact): void {
    if (frequent.has(fact.kind)) return;
    this.#print?.(this.#stamped(lineOf(fact)));
    const told = this.#narrate === undefined ? null : this.#story.tell(fact);
    if (told !== null) this.#narrate?.(this.#stamped(told));
  }
}

/** Facts that a trace is not made longer by. */
const frequent: ReadonlySet<Fact['kind']> = new Set([
  'moment',
  'request',
  'copy',
  'copied',
  'counts',
  'measured',
]);
