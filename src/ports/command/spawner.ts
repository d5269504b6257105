import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import type { Cancel, Clock } from '../../base/clock.ts';
import { type GatedScript, startGated } from '../runtime/gated-process.ts';
import type { GroupLeader } from '../runtime/process-group.ts';
import type { SpawnerAnswer, SpawnerRequest } from './spawner-process.ts';

/** A script that waits for its release, and whose end is told. */
export interface StartedScript {
  readonly leader: GroupLeader;
  /** It has ended and was reaped. Stays false where the process that would tell has gone. */
  readonly hasEnded: () => boolean;
  /** Lets the script begin. */
  release(): void;
  /** Ends the process; the script has not begun. */
  discard(): void;
}

/** A small process costs tens of megabytes; it is not kept for commands of long ago. */
const restMs = 60_000;

/**
 * Starts gated processes by a small process of its own. To fork a process copies its page tables, and the pages that both
 * write to afterwards: that holds up a controller of 200 MB for ten milliseconds, and a small one hardly. Where that process
 * is not there yet, or was killed, this one starts the script by itself.
 */
export class Spawner {
  readonly #clock: Clock;
  readonly #scripts = new Map<number, Script>();
  #process: ChildProcess | null = null;
  #ready = false;
  #keys = 0;
  #rest: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `onEnd` is called once, when the script has ended. Throws `process-not-started`. */
  async start(order: GatedScript, onEnd: () => void): Promise<StartedScript> {
    this.#stayFor(restMs);
    this.#process ??= this.#fork();
    return (this.#ready ? await this.#ask(order, onEnd) : null) ?? startHere(order, onEnd);
  }

  async close(): Promise<void> {
    this.#rest();
    await this.#end();
  }

  #fork(): ChildProcess {
    // Beside this file, with the ending that it has: sources run as they are, and are built for publishing.
    const file = new URL(`./spawner-process${extname(import.meta.filename)}`, import.meta.url);
    const child = fork(file, { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.on('message', (answer: SpawnerAnswer) => this.#take(answer));
    child.on('error', () => undefined);
    child.once('exit', () => {
      if (this.#process === child) this.#forget();
    });
    child.unref();
    child.channel?.unref();
    return child;
  }

  #take(answer: SpawnerAnswer): void {
    if (answer.kind === 'ready') {
      this.#ready = true;
      return;
    }
    const script = this.#scripts.get(answer.key);
    if (script === undefined) return;
    if (answer.kind !== 'started') this.#scripts.delete(answer.key);
    if (answer.kind === 'started') script.answer(answer.leader);
    else if (answer.kind === 'failed') script.answer(null);
    else script.end();
  }

  /** Null where it could not: then it is tried here, and whoever waits is told why. */
  async #ask(order: GatedScript, onEnd: () => void): Promise<StartedScript | null> {
    this.#keys += 1;
    const key = this.#keys;
    let ended = false;
    const { promise, resolve } = Promise.withResolvers<GroupLeader | null>();
    const end = () => {
      ended = true;
      onEnd();
    };
    this.#scripts.set(key, { answer: resolve, end });
    this.#process?.channel?.ref();
    this.#send({ kind: 'start', key, order });
    const leader = await promise;
    this.#process?.channel?.unref();
    if (leader === null) return null;
    return {
      leader,
      hasEnded: () => ended,
      release: () => this.#send({ kind: 'release', key }),
      discard: () => this.#send({ kind: 'discard', key }),
    };
  }

  /** A channel that breaks is told by the exit. */
  #send(request: SpawnerRequest): void {
    this.#process?.send(request, () => undefined);
  }

  #stayFor(delayMs: number): void {
    this.#rest();
    this.#rest = this.#clock.after(delayMs, () => {
      if (this.#scripts.size > 0) this.#stayFor(delayMs);
      else void this.#end();
    });
  }

  /** Scripts that it had started go on; they are looked at. Those that wait for their release end with it. */
  #forget(): void {
    this.#process = null;
    this.#ready = false;
    const open = [...this.#scripts.values()];
    this.#scripts.clear();
    for (const { answer } of open) answer(null);
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#forget();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    if (child.connected) child.disconnect();
    if (child.exitCode === null && child.signalCode === null) await gone;
  }
}

interface Script {
  readonly answer: (leader: GroupLeader | null) => void;
  readonly end: () => void;
}

async function startHere(order: GatedScript, onEnd: () => void): Promise<StartedScript> {
  const { leader, child, release, discard } = await startGated(order);
  child.once('exit', onEnd);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return { leader, hasEnded, release, discard };
}
