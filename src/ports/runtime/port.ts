import type { InstanceId } from '../../base/ids.ts';
import type { InstanceStatus } from '../../base/instance-status.ts';
import type { Release } from '../../base/release.ts';

export type { InstanceStatus };

/** One instance that should run. `id` makes `ensure` idempotent: an instance of that id that runs is left alone. */
export interface InstanceSpec {
  readonly id: InstanceId;
  readonly release: Release;
  /** Directory that holds the verified artifact; the working directory of the instance. */
  readonly directory: string;
  /** Given to the instance beside `PORT`, e.g. SLUICE_ENVIRONMENT, SLUICE_VERSION. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the lease under which it is asked for: whoever held an earlier one cannot stop it any more. Default 0. */
  readonly fence?: number;
}

/** What the runtime sees of an instance. */
export interface InstanceObservation {
  readonly id: InstanceId;
  readonly status: InstanceStatus;
  /** `127.0.0.1:34567`; null while it has none. A restart may change it. */
  readonly address: string | null;
  readonly pid: number | null;
  readonly restarts: number;
  /** Liveness: the health probe's failures, of which each good answer takes back a half; 0 when all is well. */
  readonly healthFailures: number;
  /** Why it is not ready, for people: `exited with code 1`, `GET /readyz answered 302`. Null while ready. */
  readonly reason: string | null;
  /** Resident memory of the process group in bytes, and CPU time used in ms; null when not known. */
  readonly memoryBytes: number | null;
  readonly cpuMs: number | null;
}

export interface StopOptions {
  readonly deadlineMs: number;
  /** Default false. */
  readonly onlyEnded?: boolean;
  /** Of the lease under which it is stopped. Default: above all, for whoever ends everything. */
  readonly fence?: number;
}

/** Where instances run. All calls are idempotent; adapters survive a restart of the controller. */
export interface Runtime {
  /**
   * Starts the instance unless it runs; one that runs is from then on the caller's, by its fence. Resolves when it was started, not
   * when it is ready.
   */
  ensure(spec: InstanceSpec): Promise<void>;
  /**
   * SIGTERM, then SIGKILL at the deadline; resolves when the whole process group is gone. An instance that is not there
   * is already stopped. `onlyEnded`: nothing happens to one that runs, or will again by itself: it may have been started
   * anew by somebody else since it was seen to have ended. Rejects with `instance-fenced` when a later holder of the lease has
   * asked for it since: the one who stops was frozen, and what it knew is past.
   */
  stop(id: InstanceId, options: StopOptions): Promise<void>;
  /** Everything this runtime has, re-adopted ones included. */
  list(): Promise<readonly InstanceObservation[]>;
  /** Those of these instances that it has; left out by a runtime that can only list. */
  find?(ids: readonly InstanceId[]): Promise<readonly InstanceObservation[]>;
  /** Called on each change of status, address or health; and at least every 5 s with memory and CPU. */
  watch(listener: (observation: InstanceObservation) => void): () => void;
  /** The last `bytes` of what the instance printed (both streams, in order). Empty when nothing is kept. */
  logs(id: InstanceId, options: { readonly bytes: number }): Promise<string>;
  /**
   * Whether `instances` more fit on this machine, and in any case what they need and what is free. `copyBytes` is what one
   * copy of their artifact takes on the disk; default 0.
   */
  capacity(
    instances: number,
    options?: { readonly copyBytes?: number },
  ): Promise<{ readonly ok: boolean; readonly reason: string }>;
  /** Lets go of timers and watches. Instances keep running. */
  close(): Promise<void>;
}
