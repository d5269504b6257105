import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type ErrorFacts, errorFacts, SluiceError } from '../base/sluice-error.ts';
import type { ControlSocket } from './control-socket.ts';
import {
  type Asked,
  type FromPredecessor,
  type FromSuccessor,
  handOverFormat,
  succeedArgument,
} from './hand-over-messages.ts';
import type { Switchboard } from './switchboard.ts';

/** What is asked for under `POST /upgrade`. */
export interface UpgradeRequest {
  /** The Node binary and the program that the successor runs; absolute paths. */
  readonly execPath: string;
  readonly entry: string;
  /** How long requests and WebSockets of before may last; default an hour, ms. */
  readonly deadlineMs?: number;
}

export interface Upgraded {
  readonly pid: number;
  readonly version: string;
}

export interface HandOverTools {
  readonly switchboard: Switchboard;
  readonly door: ControlSocket;
  readonly clock: Clock;
  readonly epoch: string;
  readonly stateDir: string;
  readonly socketPath: string;
  /** Ends this router as a whole. */
  close(graceMs: number): Promise<void>;
}

/** Until the process can take over, during which this router does all that it is asked. */
const startMs = 15_000;
/** From there until it serves; changes of routes wait for that. */
const handOverMs = 5_000;
const reportMs = 100;
const quietReportMs = 2_000;
/** A router whose successor was killed takes no more tables: it must not outlive the instances that it knows. */
const orphanGraceMs = 30_000;

/** Throws `router-request-malformed`. */
export function checkUpgrade(value: unknown): Required<UpgradeRequest> {
  const { execPath, entry, deadlineMs = 3_600_000 } = (value ?? {}) as Partial<UpgradeRequest>;
  const paths = [execPath, entry];
  const known = paths.every((path) => typeof path === 'string' && isAbsolute(path));
  if (known && Number.isFinite(deadlineMs) && deadlineMs >= 0)
    return { execPath: String(execPath), entry: String(entry), deadlineMs };
  throw new SluiceError({
    code: 'router-request-malformed',
    message: 'An upgrade needs absolute paths of a program, and a deadline in ms from 0 up.',
    remedy: 'Use `sluice router --upgrade`.',
  });
}

/** The process that takes over from this router, from its start to the end of what remains here. */
export class Successor {
  #tools: HandOverTools;
  #child: ChildProcess;
  #said = { hello: said<'hello'>(), ready: said<'ready'>(), serving: said<'serving'>() };
  #failed = Promise.withResolvers<never>();
  #serving = false;
  #last = '';
  #cancelReport = () => {};

  constructor(tools: HandOverTools, { execPath, entry }: UpgradeRequest) {
    this.#tools = tools;
    this.#failed.promise.catch(() => {});
    this.#child = spawn(execPath, [entry, tools.stateDir, succeedArgument], {
      detached: true,
      cwd: tools.stateDir,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => this.#heard(message as FromSuccessor));
    this.#child.on('error', (error) => this.#failed.reject(error));
    this.#child.once('exit', (code, signal) => {
      this.#failed.reject(new Error(`it ended (${signal ?? `exit code ${code}`})`));
    });
    this.#child.once('disconnect', () => this.#orphaned());
  }

  /** Resolves when it can take over. Rejects with `router-upgrade-failed`; it is gone then. */
  async begun(): Promise<void> {
    await this.#within(startMs, 'start', () => this.#said.hello.promise);
  }

  /** Resolves when the successor serves. Rejects with `router-upgrade-failed`; it is gone then. */
  async bring(): Promise<Upgraded> {
    const { switchboard, door, epoch, socketPath } = this.#tools;
    try {
      return await this.#within(handOverMs, 'serve', async () => {
        await door.keep();
        const reports = switchboard.report(true);
        const elders = switchboard.elders + 1;
        const facts = { format: handOverFormat, socketPath, epoch, pid: process.pid, elders, reports };
        this.#send({ kind: 'take-over', ...facts });
        await this.#said.ready.promise;
        for (const [address, server] of switchboard.sockets())
          this.#child.send({ kind: 'listener', address } satisfies FromPredecessor, server, () => {});
        this.#send({ kind: 'complete' });
        const { pid, version } = await this.#said.serving.promise;
        this.#serving = true;
        return { pid, version };
      });
    } catch (error) {
      switchboard.report(false);
      await door.takeBack();
      throw error;
    }
  }

  /** This router is to end: one that does not serve yet must not begin to. */
  giveUp(): void {
    this.#failed.reject(new Error('the router of before was told to end'));
  }

  /** Resolves when nothing is left here, at the latest after the deadline, and the successor knows what it came to. */
  async leave(deadlineMs: number): Promise<void> {
    const { clock, close } = this.#tools;
    this.#report(reportMs);
    const left = this.#tools.switchboard.handOver();
    const late = new Promise<void>((resolve) => {
      void left.then(clock.after(deadlineMs, resolve));
    });
    await Promise.race([left, late]);
    await close(0);
  }

  /** Told when this router ends, whatever ends it. */
  async lastReport(): Promise<void> {
    this.#cancelReport();
    if (!this.#serving || !this.#child.connected) return;
    await new Promise<void>((resolve) => {
      this.#child.send(this.#reported(), () => resolve());
    });
    this.#child.removeAllListeners('disconnect');
    this.#child.disconnect();
  }

  #report(everyMs: number): void {
    const report = this.#reported();
    const text = JSON.stringify(report.reports.map(({ counts, ...rest }) => ({ ...rest, ...counts, at: 0 })));
    const changed = text !== this.#last;
    this.#last = text;
    if (changed) this.#send(report);
    const nextMs = changed ? reportMs : Math.min(everyMs * 2, quietReportMs);
    this.#cancelReport = this.#tools.clock.after(nextMs, () => this.#report(nextMs));
  }

  #reported(): FromPredecessor & { kind: 'report' } {
    return { kind: 'report', reports: this.#tools.switchboard.report(true) };
  }

  #heard(message: FromSuccessor): void {
    switch (message.kind) {
      case 'ask':
        void this.#answer(message.id, message.asked);
        return;
      case 'failed':
        this.#failed.reject(new SluiceError(message.error));
        return;
      case 'serving':
        this.#said.serving.resolve(message);
        return;
      default:
        this.#said[message.kind].resolve(message as never);
    }
  }

  async #answer(id: number, asked: Asked): Promise<void> {
    let [value, error]: [unknown, ErrorFacts | null] = [null, null];
    try {
      value = await this.#do(asked);
    } catch (thrown) {
      error = errorFacts(thrown);
    }
    // Before the answer, so that what was counted up to it is known when it is.
    this.#send(this.#reported());
    this.#send({ kind: 'done', id, value, error });
  }

  #do(asked: Asked): Promise<unknown> {
    const { switchboard, close } = this.#tools;
    switch (asked.what) {
      case 'apply':
        return switchboard.follow(asked.table);
      case 'remove':
        return switchboard.followRemoval(asked.target);
      case 'drained': {
        const { target, instance, deadlineMs } = asked;
        return switchboard.drained(target, instance, { deadlineMs, signal: new AbortController().signal });
      }
      case 'end':
        return close(asked.graceMs);
    }
  }

  #send(message: FromPredecessor): void {
    // The end of the channel is told by 'disconnect'.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  async #within<T>(ms: number, what: string, work: () => Promise<T>): Promise<T> {
    const late = new Error(`it does not ${what} in ${ms} ms`);
    const cancel = this.#tools.clock.after(ms, () => this.#failed.reject(late));
    try {
      return await Promise.race([this.#failed.promise, work()]);
    } catch (error) {
      await this.#end();
      throw upgradeFailed(error);
    } finally {
      cancel();
    }
  }

  /** Resolves when nothing of it can happen any more. */
  async #end(): Promise<void> {
    const child = this.#child;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  #orphaned(): void {
    this.#cancelReport();
    if (this.#serving) void this.#tools.close(orphanGraceMs);
  }
}

function said<K extends FromSuccessor['kind']>() {
  return Promise.withResolvers<Extract<FromSuccessor, { kind: K }>>();
}

function upgradeFailed(cause: unknown): SluiceError {
  return new SluiceError({
    code: 'router-upgrade-failed',
    message: `The new router did not take over: ${errorFacts(cause).message}`,
    remedy: 'The router of before goes on serving; read router.log, mend what it names, and upgrade again.',
    cause,
  });
}
