import type { ChildProcess } from 'node:child_process';
import type { Cancel, Clock } from '../../base/clock.ts';
import type { InstanceStatus } from '../../base/instance-status.ts';
import type { SharedWakes } from '../../base/shared-wakes.ts';
import { errorFacts } from '../../base/sluice-error.ts';
import { childEnvironment, type Environment } from './child-environment.ts';
import { freePort } from './free-port.ts';
import { startGated } from './gated-process.ts';
import { claimed, mayStop } from './instance-fence.ts';
import type { InstanceRecord } from './instance-record.ts';
import { rotate } from './output-file.ts';
import type { InstanceObservation, InstanceSpec } from './port.ts';
import { probe } from './probe.ts';
import { endGroup, type GroupLeader, leaderRuns } from './process-group.ts';
import type { ProcessFacts } from './process-table.ts';
import { type ReadinessWatch, watchReadiness } from './readiness.ts';
import type { RecordDirectory } from './record-directory.ts';
import { afterDeath, type RestartPolicy } from './restart-policy.ts';

export interface InstanceParts {
  readonly clock: Clock;
  readonly wakes: SharedWakes;
  readonly records: RecordDirectory<InstanceRecord>;
  readonly logPath: string;
  readonly mostLogBytes: number;
  readonly environment: Environment;
  readonly restarts: RestartPolicy;
  readonly prepare: (spec: InstanceSpec) => Promise<unknown>;
  readonly changed: (observation: InstanceObservation) => void;
}

/** Who is not our child tells nobody of its end. The router finds out by itself that nobody listens there. */
const adoptedLookMs = 1_000;

/** One instance: its process, its probes, its restarts. Steps that change the process run one after the other. */
export class ManagedInstance {
  readonly #parts: InstanceParts;
  #record: InstanceRecord;
  #status: InstanceStatus = 'starting';
  #reason: string | null = 'not started yet';
  /** How it ended last: what people look for when it does not become ready again. */
  #lastEnd: string | null = null;
  #memoryBytes: number | null = null;
  #cpuMs: number | null = null;
  #watch: ReadinessWatch | null = null;
  #cancels: Cancel[] = [];
  #steps: Promise<unknown> = Promise.resolve();
  #closed = false;
  #told = '';

  constructor(parts: InstanceParts, record: InstanceRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  get record(): InstanceRecord {
    return this.#record;
  }

  observation(): InstanceObservation {
    const { spec, process, restarts } = this.#record;
    return {
      id: spec.id,
      status: this.#status,
      address: process === null ? null : `127.0.0.1:${process.port}`,
      pid: process?.pid ?? null,
      restarts,
      healthFailures: this.#watch?.now().healthFailures ?? 0,
      reason: this.#reason,
      memoryBytes: process === null ? null : this.#memoryBytes,
      cpuMs: process === null ? null : this.#cpuMs,
    };
  }

  /** The first start. Rejects when no process could be started, and leaves nothing then. */
  start(): Promise<void> {
    return this.#step(async () => {
      await this.#save({});
      await this.#launch();
    });
  }

  /** Takes over what an earlier controller left; starts it again if it died meanwhile. */
  adopt(): Promise<void> {
    return this.#step(async () => {
      const { process, final, stopping } = this.#record;
      if (stopping) return;
      if (final !== null) return this.#tell(final.status, final.reason);
      if (process !== null && (await leaderRuns(process))) {
        const { wasReady, spec } = this.#record;
        const address = `127.0.0.1:${process.port}`;
        const answers =
          wasReady && (await probe(this.#parts.clock, address, spec.release.run.ready)) === null;
        this.#follow(null, answers);
        return;
      }
      if (process === null) return this.#relaunch();
      await this.#died('ended while no controller was there');
    });
  }

  /** It is the caller's from here on. */
  claim(asked: InstanceSpec): Promise<void> {
    return this.#step(async () => {
      const spec = claimed(this.#record.spec, asked);
      if (spec !== this.#record.spec) await this.#save({ spec });
    });
  }

  /** Resolves when the group is gone and the record too; rejects when it is another's by now, which its record tells. */
  stop(deadlineMs: number, fence?: number): Promise<void> {
    return this.#step(async () => {
      const { spec } = (await this.#parts.records.read(this.#record.spec.id)) ?? this.#record;
      mayStop(spec, fence);
      this.#release();
      await this.#save({ stopping: true });
      if (this.#record.process !== null) await endGroup(this.#parts.clock, this.#record.process, deadlineMs);
      await this.#parts.records.remove(this.#record.spec.id);
      this.#record = { ...this.#record, process: null };
      this.#tell('stopped', 'was stopped');
    });
  }

  /** Takes memory and CPU time from the members of its group, keeps the log small, and tells. */
  async sample(membersOf: ReadonlyMap<number, readonly ProcessFacts[]>): Promise<void> {
    await rotate(this.#parts.logPath, this.#parts.mostLogBytes);
    const { process } = this.#record;
    // One that was started after the look has nothing to tell yet.
    const members = process === null ? undefined : membersOf.get(process.pid);
    if (members !== undefined) {
      this.#memoryBytes = members.reduce((sum, one) => sum + one.memoryBytes, 0);
      this.#cpuMs = members.reduce((sum, one) => sum + one.cpuMs, 0);
    }
    if (!this.#closed && this.#status !== 'stopped') this.#parts.changed(this.observation());
  }

  /** Lets go; the process keeps running. Resolves when no step is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#release();
    await this.#steps;
  }

  #step(work: () => Promise<void>): Promise<void> {
    const done = this.#steps.then(work);
    this.#steps = done.catch(() => undefined);
    return done;
  }

  /** A step nobody waits for: what goes wrong in it is told as the state of the instance. */
  #background(work: () => Promise<void>): void {
    void this.#step(async () => {
      if (this.#closed || this.#record.stopping) return;
      await work().catch((error: unknown) => this.#tell('failed', errorFacts(error).message));
    });
  }

  async #launch(): Promise<void> {
    const { clock, environment, logPath } = this.#parts;
    const { spec } = this.#record;
    const { run } = spec.release;
    const port = await freePort();
    const given = { ...run.env, ...spec.env, PORT: String(port) };
    const env = childEnvironment(environment, given, run.secretEnv);
    const gated = await startGated({
      script: run.start,
      directory: spec.directory,
      env,
      outputPath: logPath,
    });
    const startedAtMs = clock.now();
    await this.#save({ process: { ...gated.leader, port, startedAtMs }, wasReady: false }).catch((error) => {
      gated.discard();
      throw error;
    });
    this.#follow(gated.child);
    gated.release();
  }

  /** Watches the process of the record: its end, its probes, its deadline. */
  #follow(child: ChildProcess | null, answers = false): void {
    const { clock } = this.#parts;
    const { spec, process, wasReady } = this.#record;
    if (process === null) return;
    this.#release();
    const { run } = spec.release;
    if (answers) this.#tell('ready', null);
    else this.#tell(wasReady ? 'unready' : 'starting', 'no good answer yet');
    if (child === null) this.#lookOften(process);
    else this.#listen(child);
    this.#watch = watchReadiness(
      this.#parts,
      { address: `127.0.0.1:${process.port}`, run, wasReady, answers },
      () => this.#probed(),
    );
    if (wasReady) return;
    const spentMs = Math.min(Math.max(0, clock.now() - process.startedAtMs), run.startDeadlineMs);
    this.#cancels.push(clock.after(run.startDeadlineMs - spentMs, () => this.#deadline(process.pid)));
  }

  #listen(child: ChildProcess): void {
    const ended = (code: number | null, signal: string | null) =>
      this.#ended(code === null ? `ended by ${signal}` : `exited with code ${code}${shellSays(code)}`);
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    else child.once('exit', ended);
    this.#cancels.push(() => child.off('exit', ended));
  }

  #lookOften(process: GroupLeader): void {
    const turns = this.#parts.wakes.join(adoptedLookMs);
    let released = false;
    const look = async () => {
      const runs = await leaderRuns(process).catch(() => true);
      if (released || this.#closed) return;
      if (runs) turns.next(look);
      else this.#ended('ended');
    };
    turns.next(look);
    this.#cancels.push(() => {
      released = true;
      turns.leave();
    });
  }

  #probed(): void {
    const seen = this.#watch?.now();
    if (seen === undefined) return;
    if (seen.everReady && !this.#record.wasReady) this.#background(() => this.#save({ wasReady: true }));
    const before = this.#lastEnd === null ? '' : `; before: ${this.#lastEnd}`;
    const reason = seen.reason === null ? null : `${seen.reason}${before}`;
    this.#tell(seen.ready ? 'ready' : seen.everReady ? 'unready' : 'starting', reason);
  }

  /** An instance that never was ready is over; one that was ready before a restart gets the next restart. */
  #deadline(pid: number): void {
    this.#background(async () => {
      const { process, spec, restarts } = this.#record;
      if (process?.pid !== pid || this.#watch?.now().everReady === true) return;
      const { run } = spec.release;
      const reason = `not ready within ${run.startDeadlineMs} ms: ${this.#watch?.now().reason ?? ''}`;
      this.#release();
      await endGroup(this.#parts.clock, process, run.drainDeadlineMs);
      if (restarts > 0) return this.#died(reason);
      await this.#save({ process: null, final: { status: 'failed', reason } });
      this.#tell('failed', reason);
    });
  }

  #ended(how: string): void {
    const { process } = this.#record;
    this.#background(async () => {
      if (process !== null && this.#record.process?.pid === process.pid) await this.#died(how);
    });
  }

  async #died(reason: string): Promise<void> {
    const { clock, restarts } = this.#parts;
    const { process, deathsInRow } = this.#record;
    this.#lastEnd = reason;
    this.#release();
    // Children that the leader left behind would hold its port and its memory.
    if (process !== null) await endGroup(clock, process, 0);
    const upMs = process === null ? 0 : clock.now() - process.startedAtMs;
    const next = afterDeath(restarts, { deathsInRow, upMs });
    const ended = { process: null, deathsInRow: next.deathsInRow };
    if (next.kind === 'crash-looping') {
      const told = `${reason}; died ${next.deathsInRow} times in a row`;
      await this.#save({ ...ended, final: { status: 'crash-looping', reason: told } });
      return this.#tell('crash-looping', told);
    }
    await this.#save(ended);
    this.#tell('restarting', reason);
    this.#cancels.push(clock.after(next.delayMs, () => this.#background(() => this.#relaunch())));
  }

  async #relaunch(): Promise<void> {
    this.#record = { ...this.#record, restarts: this.#record.restarts + 1 };
    const { spec } = this.#record;
    const again = this.#parts.prepare(spec).then(() => this.#launch());
    await again.catch((error: unknown) => this.#died(errorFacts(error).message));
  }

  async #save(change: Partial<InstanceRecord>): Promise<void> {
    const next = { ...this.#record, ...change };
    await this.#parts.records.save(next.spec.id, next);
    this.#record = next;
  }

  #release(): void {
    this.#watch?.close();
    this.#watch = null;
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #tell(status: InstanceStatus, reason: string | null): void {
    if (this.#closed) return;
    this.#status = status;
    this.#reason = reason;
    const { memoryBytes: _, cpuMs: __, ...facts } = this.observation();
    const text = JSON.stringify(facts);
    if (text === this.#told) return;
    this.#told = text;
    this.#parts.changed(this.observation());
  }
}

/** What a shell means by the codes that it ends with when there was nothing to run. */
function shellSays(code: number): string {
  if (code === 127) return ' (the start command was not found)';
  return code === 126 ? ' (the start command may not be executed)' : '';
}
