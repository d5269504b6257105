import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const endMs = 5_000;

/** A process on the given cores (null: wherever the system puts it), with its output at hand should it end too early. */
export class PlacedProcess {
  readonly child: ChildProcess;
  #name: string;
  #said = '';
  #exited: Promise<unknown>;

  constructor(cores: string | null, command: string, args: readonly string[], { ipc = false } = {}) {
    const [name, ...all] = cores === null ? [command, ...args] : ['taskset', '-c', cores, command, ...args];
    this.#name = [command, ...args].join(' ');
    this.child = spawn(name, all, { stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-2_000);
      });
    }
    // An error is one that hinders the start; it stands in for the exit that then never comes.
    this.#exited = once(this.child, 'exit').catch((error: Error) => {
      this.#said += error.message;
    });
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error(`${this.#name} did not start: ${this.#said}`);
    return pid;
  }

  /** What `wanted` comes to. Rejects with what the process said when it ends before. */
  async unlessItEnds<Value>(wanted: Promise<Value>): Promise<Value> {
    const ended = this.#exited.then(() => {
      throw new Error(`${this.#name} ended too early: ${this.#said}`);
    });
    return Promise.race([wanted, ended]);
  }

  /** Resolves when it is gone. One that does not go by itself is killed. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), endMs);
    await this.#exited;
    clearTimeout(late);
  }
}
