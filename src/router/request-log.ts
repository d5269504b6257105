import type { Clock } from '../base/clock.ts';
import type { AccessLogSettings } from '../base/route-table.ts';
import { AccessLog } from './access-log.ts';
import { loggedPath } from './logged-path.ts';
import type { ArmRole } from './shield.ts';

/** What is written of one request, beside its time and target. Nothing of its headers or bodies. */
export interface LoggedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  /** Null: the client got no answer. */
  readonly status: number | null;
  /** Of the body that the client was sent; after an upgrade, all that it was sent. */
  readonly bytes: number;
  readonly durationMs: number;
  /** Null for what the router said by itself. */
  readonly answeredBy: {
    readonly version: string | null;
    readonly instance: string;
    readonly arm: ArmRole;
  } | null;
  /** It failed on an instance before, and another one answered. */
  readonly shielded: boolean;
}

/** The files of all targets; those with the same path share one. */
export class AccessLogs {
  #clock: Clock;
  #byPath = new Map<string, AccessLog>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(path: string): AccessLog {
    const known = this.#byPath.get(path) ?? new AccessLog(path, this.#clock);
    this.#byPath.set(path, known);
    return known;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byPath.values()].map((log) => log.close()));
  }
}

/** The lines of one target under one table. */
export class RequestLog {
  #target: string;
  #sample: number;
  #log: AccessLog;
  #clock: Clock;
  #random: () => number;
  #queryValues: ReadonlySet<string>;

  constructor(
    target: string,
    { path, sample, queryValues }: AccessLogSettings,
    tools: { readonly logs: AccessLogs; readonly clock: Clock; readonly random: () => number },
  ) {
    this.#target = target;
    this.#sample = sample;
    this.#log = tools.logs.of(path);
    this.#clock = tools.clock;
    this.#random = tools.random;
    this.#queryValues = new Set(queryValues);
  }

  /** Writes the request down, or leaves it out by chance. */
  add({ method, path, status, bytes, durationMs, answeredBy, shielded }: LoggedRequest): void {
    if (this.#sample < 1 && this.#random() >= this.#sample) return;
    const line = {
      time: new Date(this.#clock.now()).toISOString(),
      target: this.#target,
      method,
      path: loggedPath(path, this.#queryValues),
      status,
      bytes,
      durationMs: Math.round(durationMs * 1_000) / 1_000,
      version: answeredBy?.version ?? null,
      instance: answeredBy?.instance ?? null,
      arm: answeredBy?.arm ?? null,
      shielded,
      ...(this.#sample < 1 && { sample: this.#sample }),
    };
    this.#log.write(JSON.stringify(line));
  }
}
