import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { InstanceId } from '../../base/ids.ts';
import { hasEnded } from '../../base/instance-status.ts';
import { SharedWakes, type Turns } from '../../base/shared-wakes.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import type { Environment } from './child-environment.ts';
import { GroupMembers } from './group-members.ts';
import { type InstanceRecord, newRecord } from './instance-record.ts';
import { type InstanceParts, ManagedInstance } from './managed-instance.ts';
import { readOutput } from './output-file.ts';
import type { InstanceObservation, InstanceSpec, Runtime, StopOptions } from './port.ts';
import { fileName, openRecords, type RecordDirectory } from './record-directory.ts';
import { type RestartPolicy, standardRestarts } from './restart-policy.ts';
import { roomFor } from './room-for.ts';

export interface ProcessRuntimeOptions {
  /** Records and logs are kept here; one controller at a time. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Where the allow-list and `secretEnv` are read from. Default: the environment of this process. */
  readonly environment?: Environment;
  readonly restarts?: RestartPolicy;
  /** Seen to before an instance is started again, for example that its directory is what was verified; it may reject. */
  readonly prepare?: (spec: InstanceSpec) => Promise<unknown>;
  /** A log is rotated when it is larger; one older part is kept. Default 10 MiB. */
  readonly mostLogBytes?: number;
}

/** Instances as processes of this machine. Takes over those that an earlier controller left. */
export async function openProcessRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  const logs = join(options.stateDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const records = await openRecords<InstanceRecord>(join(options.stateDir, 'instances'));
  const runtime = new ProcessRuntime(options, records, logs);
  await runtime.adoptAll();
  return runtime;
}

/** The port asks for 5 s at most; probes and the clock may add a little. */
const sampleMs = 4_000;
/** Of an instance whose memory is not known yet. */
const assumedBytes = 128 * 1_024 * 1_024;
/** Logs of stopped instances are evidence; the newest so many are kept. */
const keptLogs = 50;

class ProcessRuntime implements Runtime {
  readonly #options: ProcessRuntimeOptions;
  readonly #records: RecordDirectory<InstanceRecord>;
  readonly #logs: string;
  readonly #instances = new Map<InstanceId, ManagedInstance>();
  readonly #stops = new Map<InstanceId, Promise<void>>();
  readonly #listeners = new Set<(observation: InstanceObservation) => void>();
  readonly #members = new GroupMembers();
  readonly #wakes: SharedWakes;
  readonly #samples: Turns;
  #sampling: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ProcessRuntimeOptions, records: RecordDirectory<InstanceRecord>, logs: string) {
    this.#options = options;
    this.#records = records;
    this.#logs = logs;
    this.#wakes = new SharedWakes(options.clock);
    this.#samples = this.#wakes.join(sampleMs);
  }

  async adoptAll(): Promise<void> {
    const adopt = async (record: InstanceRecord) => {
      const { id, release } = record.spec;
      const instance = new ManagedInstance(this.#parts(id), record);
      this.#instances.set(id, instance);
      await instance.adopt();
      // A stop that fails here is asked for again by the controller, which sees the instance in the list.
      if (record.stopping) this.stop(id, { deadlineMs: release.run.drainDeadlineMs }).catch(() => undefined);
    };
    await Promise.all((await this.#records.all()).map(adopt));
    this.#scheduleSample();
  }

  async ensure(spec: InstanceSpec): Promise<void> {
    if (this.#closed) throw closedError();
    await this.#stops.get(spec.id);
    const known = this.#instances.get(spec.id);
    if (known !== undefined) return known.claim(spec);
    const instance = new ManagedInstance(this.#parts(spec.id), newRecord(spec));
    this.#instances.set(spec.id, instance);
    try {
      await instance.start();
    } catch (error) {
      this.#instances.delete(spec.id);
      await this.#records.remove(spec.id);
      throw error;
    }
  }

  stop(id: InstanceId, { deadlineMs, onlyEnded = false, fence }: StopOptions): Promise<void> {
    const instance = this.#instances.get(id);
    const under = this.#stops.get(id);
    if (under !== undefined) return under;
    if (instance === undefined) return Promise.resolve();
    if (onlyEnded && !hasEnded(instance.observation().status)) return Promise.resolve();
    const stopping = instance
      .stop(deadlineMs, fence)
      .then(async () => {
        this.#instances.delete(id);
        await this.#dropOldLogs();
      })
      .finally(() => this.#stops.delete(id));
    this.#stops.set(id, stopping);
    return stopping;
  }

  async list(): Promise<readonly InstanceObservation[]> {
    return [...this.#instances.values()].map((instance) => instance.observation());
  }

  async find(ids: readonly InstanceId[]): Promise<readonly InstanceObservation[]> {
    return ids.flatMap((id) => this.#instances.get(id)?.observation() ?? []);
  }

  watch(listener: (observation: InstanceObservation) => void): () => void {
    const own = (observation: InstanceObservation) => listener(observation);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  logs(id: InstanceId, { bytes }: { readonly bytes: number }): Promise<string> {
    return readOutput(this.#logPath(id), bytes);
  }

  async capacity(
    instances: number,
    { copyBytes = 0 }: { readonly copyBytes?: number } = {},
  ): Promise<{ readonly ok: boolean; readonly reason: string }> {
    const known = (await this.list()).flatMap(({ memoryBytes }) => (memoryBytes ? [memoryBytes] : []));
    const each = known.length === 0 ? assumedBytes : Math.max(...known);
    const { bavail, bsize } = await statfs(this.#options.stateDir);
    // A command, such as the smoke test, runs in a copy of its own.
    const disk = { needed: instances === 0 ? 0 : copyBytes * (instances + 1), free: bavail * bsize };
    const memory = { needed: each * instances, free: process.availableMemory() };
    return roomFor(instances, { memory, disk });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#samples.leave();
    this.#listeners.clear();
    await this.#sampling;
    await Promise.all([...this.#instances.values()].map((instance) => instance.close()));
  }

  #parts(id: InstanceId): InstanceParts {
    return {
      clock: this.#options.clock,
      wakes: this.#wakes,
      records: this.#records,
      logPath: this.#logPath(id),
      mostLogBytes: this.#options.mostLogBytes ?? 10 * 2 ** 20,
      environment: this.#options.environment ?? process.env,
      restarts: this.#options.restarts ?? standardRestarts,
      prepare: this.#options.prepare ?? (async () => undefined),
      changed: (observation) => {
        for (const listener of [...this.#listeners]) listener(observation);
      },
    };
  }

  #logPath(id: InstanceId): string {
    return join(this.#logs, `${fileName(id)}.log`);
  }

  #scheduleSample(): void {
    this.#samples.next(() => {
      // A sample that fails (a full disk, a log that vanished) is taken again in four seconds; nothing depends on it.
      this.#sampling = this.#sample().then(() => this.#scheduleSample());
    });
  }

  async #sample(): Promise<void> {
    const instances = [...this.#instances.values()];
    const groups = instances.flatMap(({ record: { process } }) => (process === null ? [] : [process.pid]));
    const members = await this.#members.look(groups).catch(() => new Map());
    await Promise.allSettled(instances.map((instance) => instance.sample(members)));
  }

  async #dropOldLogs(): Promise<void> {
    const used = new Set([...this.#instances.keys()].map((id) => `${fileName(id)}.log`));
    const idle = (await readdir(this.#logs)).filter((name) => name.endsWith('.log') && !used.has(name));
    const aged = await Promise.all(
      idle.map(async (name) => ({
        path: join(this.#logs, name),
        atMs: (await stat(join(this.#logs, name)).catch(missingIsNull))?.mtimeMs ?? 0,
      })),
    );
    const old = aged.sort((a, b) => b.atMs - a.atMs).slice(keptLogs);
    await Promise.all(
      old.flatMap(({ path }) => [path, `${path}.1`]).map((path) => rm(path, { force: true })),
    );
  }
}

function closedError(): SluiceError {
  return new SluiceError({
    code: 'runtime-closed',
    message: 'The runtime is closed.',
    remedy: 'Open it again before instances are started.',
  });
}
