import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LoadLine } from './load-line.ts';

/** The users of the demo: what they have seen so far, from a process of their own. */
export class LoadProcess {
  readonly #child: ChildProcess;
  #last: LoadLine | null = null;

  constructor(
    url: string,
    options: { readonly rate: number; readonly seconds: number; readonly count: number },
  ) {
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'load.ts'), url, ...flags], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Ctrl-C in the terminal reaches the demo alone, which then ends the load and reads its summary.
      detached: true,
    });
    createInterface({ input: this.#child.stdout as NonNullable<ChildProcess['stdout']> }).on(
      'line',
      (line) => {
        this.#last = JSON.parse(line) as LoadLine;
      },
    );
  }

  /** The newest line; null in the first second. */
  get seen(): LoadLine | null {
    return this.#last;
  }

  /** Ends the load; resolves with its summary, or with the last line when it does not come within 10 s. */
  async end(): Promise<LoadLine | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#last;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await closed;
    clearTimeout(force);
    return this.#last;
  }
}
