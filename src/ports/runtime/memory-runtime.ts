import type { Cancel, Clock } from '../../base/clock.ts';
import type { InstanceId } from '../../base/ids.ts';
import { hasEnded, type InstanceStatus } from '../../base/instance-status.ts';
import { claimed, mayStop } from './instance-fence.ts';
import type { InstanceObservation, InstanceSpec, Runtime, StopOptions } from './port.ts';
import { afterDeath, type RestartPolicy, standardRestarts } from './restart-policy.ts';

/** What a process of the instance does when it is started. */
export type Behaviour =
  | { readonly kind: 'becomes-ready'; readonly afterMs: number }
  | { readonly kind: 'exits'; readonly afterMs: number; readonly code: number }
  | { readonly kind: 'hangs' };

interface Entry {
  spec: InstanceSpec;
  observation: InstanceObservation;
  deathsInRow: number;
  startedAtMs: number;
  readonly cancels: Cancel[];
  log: string;
}

/** Instances that are only told of, on the clock that is given. `crash` and `setReady` are for tests and the simulator. */
export class MemoryRuntime implements Runtime {
  readonly #clock: Clock;
  readonly #behaviour: (spec: InstanceSpec) => Behaviour;
  readonly #restarts: RestartPolicy;
  readonly #stopping: (id: InstanceId) => void;
  readonly #entries = new Map<InstanceId, Entry>();
  readonly #listeners = new Set<(observation: InstanceObservation) => void>();
  #lastPid = 0;
  /** How many more instances fit; for tests. */
  room = Number.POSITIVE_INFINITY;

  constructor(options: {
    readonly clock: Clock;
    /** Default: ready as soon as possible. */
    readonly behaviour?: (spec: InstanceSpec) => Behaviour;
    readonly restarts?: RestartPolicy;
    /** Told right before one is stopped. */
    readonly onStop?: (id: InstanceId) => void;
  }) {
    this.#clock = options.clock;
    this.#behaviour = options.behaviour ?? (() => ({ kind: 'becomes-ready', afterMs: 0 }));
    this.#restarts = options.restarts ?? standardRestarts;
    this.#stopping = options.onStop ?? (() => {});
  }

  async ensure(spec: InstanceSpec): Promise<void> {
    const known = this.#entries.get(spec.id);
    if (known !== undefined) {
      known.spec = claimed(known.spec, spec);
      return;
    }
    const observation = observationOf(spec.id);
    const entry: Entry = { spec, observation, deathsInRow: 0, startedAtMs: 0, cancels: [], log: '' };
    this.#entries.set(spec.id, entry);
    this.#launch(entry);
  }

  async stop(id: InstanceId, { onlyEnded = false, fence }: StopOptions): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined || (onlyEnded && !hasEnded(entry.observation.status))) return;
    mayStop(entry.spec, fence);
    this.#stopping(id);
    cancelAll(entry);
    this.#entries.delete(id);
    this.#tell(entry, 'stopped', 'was stopped', { address: null, pid: null });
  }

  async list(): Promise<readonly InstanceObservation[]> {
    return [...this.#entries.values()].map(({ observation }) => observation);
  }

  async find(ids: readonly InstanceId[]): Promise<readonly InstanceObservation[]> {
    return ids.flatMap((id) => this.#entries.get(id)?.observation ?? []);
  }

  watch(listener: (observation: InstanceObservation) => void): () => void {
    const own = (observation: InstanceObservation) => listener(observation);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async logs(id: InstanceId, { bytes }: { readonly bytes: number }): Promise<string> {
    const kept = Buffer.from(this.#entries.get(id)?.log ?? '');
    return kept.subarray(Math.max(0, kept.length - bytes)).toString();
  }

  async capacity(instances: number): Promise<{ readonly ok: boolean; readonly reason: string }> {
    return { ok: instances <= this.room, reason: `There is room for ${this.room} more.` };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    for (const entry of this.#entries.values()) cancelAll(entry);
  }

  /** The process of the instance dies now. Nothing happens when it has none. */
  crash(id: InstanceId, reason = 'ended by SIGKILL'): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.observation.pid !== null) this.#died(entry, reason);
  }

  /** What its probes say from now on. */
  setReady(id: InstanceId, ready: boolean, healthFailures = 0): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.observation.pid === null) return;
    const reason = ready ? null : 'GET /readyz answered 503';
    this.#tell(entry, ready ? 'ready' : 'unready', reason, { healthFailures });
  }

  #launch(entry: Entry): void {
    const behaviour = this.#behaviour(entry.spec);
    this.#lastPid += 1;
    entry.startedAtMs = this.#clock.now();
    entry.log += `start ${this.#lastPid}\n`;
    const address = `127.0.0.1:${20_000 + this.#lastPid}`;
    this.#tell(entry, 'starting', 'not probed yet', { address, pid: this.#lastPid, healthFailures: 0 });
    if (behaviour.kind === 'exits') {
      const reason = `exited with code ${behaviour.code}`;
      entry.cancels.push(this.#clock.after(behaviour.afterMs, () => this.#died(entry, reason)));
      return;
    }
    if (behaviour.kind === 'becomes-ready')
      entry.cancels.push(this.#clock.after(behaviour.afterMs, () => this.#tell(entry, 'ready', null, {})));
    this.#expectReady(entry);
  }

  #expectReady(entry: Entry): void {
    const { startDeadlineMs } = entry.spec.release.run;
    const late = () => {
      if (entry.observation.status !== 'starting') return;
      const reason = `not ready within ${startDeadlineMs} ms`;
      if (entry.observation.restarts > 0) this.#died(entry, reason);
      else this.#tell(entry, 'failed', reason, { address: null, pid: null });
    };
    entry.cancels.push(this.#clock.after(startDeadlineMs, late));
  }

  #died(entry: Entry, reason: string): void {
    cancelAll(entry);
    const upMs = this.#clock.now() - entry.startedAtMs;
    const next = afterDeath(this.#restarts, { deathsInRow: entry.deathsInRow, upMs });
    entry.deathsInRow = next.deathsInRow;
    const gone = { address: null, pid: null };
    if (next.kind === 'crash-looping') {
      this.#tell(entry, 'crash-looping', `${reason}; died ${next.deathsInRow} times in a row`, gone);
      return;
    }
    this.#tell(entry, 'restarting', reason, gone);
    const again = () => {
      entry.observation = { ...entry.observation, restarts: entry.observation.restarts + 1 };
      this.#launch(entry);
    };
    entry.cancels.push(this.#clock.after(next.delayMs, again));
  }

  #tell(
    entry: Entry,
    status: InstanceStatus,
    reason: string | null,
    change: Partial<InstanceObservation>,
  ): void {
    entry.observation = { ...entry.observation, ...change, status, reason };
    for (const listener of [...this.#listeners]) listener(entry.observation);
  }
}

function observationOf(id: InstanceId): InstanceObservation {
  const nothing = { address: null, pid: null, reason: null, memoryBytes: null, cpuMs: null };
  return { id, status: 'starting', restarts: 0, healthFailures: 0, ...nothing };
}

function cancelAll(entry: Entry): void {
  for (const cancel of entry.cancels.splice(0)) cancel();
}
