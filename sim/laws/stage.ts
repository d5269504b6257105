import type { InstanceId } from '../../src/base/ids.ts';
import type { InstanceStatus } from '../../src/base/instance-status.ts';
import type { RouteTable } from '../../src/base/route-table.ts';
import type { JournalEvent } from '../../src/journal/journal.ts';
import type { InstanceObservation } from '../../src/ports/runtime/port.ts';
import type { Fact, Law, WorldView } from '../law.ts';
import { Ledger } from '../ledger.ts';

/** A world that a test makes up, fact by fact, to see whether a law notices. */
export class Stage implements WorldView {
  nowMs = 0;
  now = 1_000_000;
  calmSinceMs = 0;
  table: RouteTable | null = null;
  readonly ledger = new Ledger();
  readonly instances = new Map<InstanceId, InstanceObservation>();
  readonly runs = new Map<string, { readonly digest: string; readonly unit: string }>();
  readonly approved = new Map<string, string>();
  readonly damaged = new Set<string>();
  readonly overridden = new Set<string>();
  requestsInFlight = 0;
  diskHurt = false;
  #version = 0;
  readonly #law: Law;

  constructor(law: Law) {
    this.#law = law;
  }

  readonly running = (instance: InstanceId) => this.runs.get(instance) ?? null;
  readonly inFlight = () => this.requestsInFlight;
  readonly diskHurtSince = () => this.diskHurt;
  readonly approvedDigest = (unit: string) => this.approved.get(unit) ?? null;

  /** What the law says to it. */
  tell(fact: Fact): string | null {
    if (fact.kind === 'event') this.ledger.fold(fact.event, this.nowMs);
    if (fact.kind === 'table') this.table = fact.table;
    if (fact.kind === 'observed') this.instances.set(fact.observation.id, fact.observation);
    return this.#law.judge(fact, this);
  }

  event(type: string, data: object = {}, fence = 1): string | null {
    this.#version += 1;
    const version = this.#version;
    const base = { stream: 'target/web@production', version, sequence: version, hash: '', actor: 'ada' };
    const event: JournalEvent = { ...base, type, data, at: this.now };
    return this.tell({ kind: 'event', event, fence });
  }

  moment(afterMs: number): string | null {
    this.nowMs += afterMs;
    this.now += afterMs;
    return this.tell({ kind: 'moment' });
  }

  observed(id: string, status: InstanceStatus): string | null {
    const pid = status === 'ready' || status === 'unready' ? 1 : null;
    return this.tell({ kind: 'observed', observation: { id, status, pid } as InstanceObservation });
  }

  /** Seen by the runtime and known to the journal. */
  ready(...ids: readonly string[]): void {
    for (const instance of ids) {
      this.observed(instance, 'ready');
      this.event('InstanceObserved', { instance, status: 'ready', address: '127.0.0.1:1', reason: null });
    }
  }

  /** The router takes a table: the sides as lists of instances, `R-1-1`. */
  routes(
    version: number,
    stable: readonly string[],
    candidate: readonly string[] = [],
    change: Partial<RouteTable> = {},
  ): string | null {
    const side = (ids: readonly string[]) =>
      ids.map((instance) => ({ instance, generation: instance.slice(0, -2), address: '127.0.0.1:1' }));
    const sides = { stable: side(stable), candidate: side(candidate) };
    const table = { fence: 1, version, mode: 'serve', candidateWeight: 0, ...sides, ...change } as RouteTable;
    return this.tell({ kind: 'table', table, before: this.table });
  }

  /** A rollout that was asked for and planned. */
  planned(rollout: string, change: object = {}): void {
    this.event('RolloutRequested', { rollout, unit: 'U-1', by: 'ada' });
    const run = { drainDeadlineMs: 2_000, startDeadlineMs: 4_000 };
    const plan = {
      rollout,
      release: { unit: 'U-1', artifact: 'sha256:1', run },
      strategy: { kind: 'canary' },
      steps: [{ type: 'start' }, { type: 'setWeight', weightPercent: 10 }, { type: 'analyze' }],
      backSteps: [{ type: 'restore' }, { type: 'preserve' }],
      replicas: 1,
      rollbackWindowMs: 10_000,
      lowTraffic: 'ask',
      analysis: { metrics: [] },
      ...change,
    };
    this.event('RolloutPlanned', { plan, gates: [] });
  }

  /** A release that became stable, with one instance in the table in force. */
  stable(rollout: string): void {
    this.planned(rollout);
    this.ready(`${rollout}-1`);
    this.event('StepStarted', { index: 1 });
    this.routes(1, [], [`${rollout}-1`], { candidateWeight: 10_000 });
    this.event('ReleasePromoted', { rollout, warmUntil: this.now + 10_000 });
    this.event('RolloutEnded', { ending: 'succeeded' });
    this.routes(2, [`${rollout}-1`]);
  }
}
