import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Runs `sluice` in one project, as a user would: the demo knows nothing of Sluice but its command line. */
export class SluiceCommand {
  readonly #project: string;
  readonly #running = new Set<ChildProcess>();

  constructor(project: string) {
    this.#project = project;
  }

  /** The last line of JSON that the command prints; each earlier one is given to `onLine`. Throws when it fails. */
  async json(args: readonly string[], onLine: (line: unknown) => void = () => {}): Promise<unknown> {
    const lines: unknown[] = [];
    const { code, errors } = await this.#run([...args, '--json'], (line) => {
      const value: unknown = JSON.parse(line);
      lines.push(value);
      onLine(value);
    });
    const last = lines.at(-1);
    // A rollout that was rolled back has its own exit code; its last line says so.
    if (last === undefined || (code !== 0 && !isEnd(last))) {
      throw new Error(
        `sluice ${args.join(' ')} ended with ${code}: ${JSON.stringify(last) ?? ''} ${errors}`.trim(),
      );
    }
    return last;
  }

  /** What the command prints. */
  async text(args: readonly string[]): Promise<string> {
    const lines: string[] = [];
    const { code, errors } = await this.#run(args, (line) => lines.push(line));
    if (code !== 0) throw new Error(`sluice ${args.join(' ')} ended with ${code}: ${errors}`);
    return lines.join('\n');
  }

  /** Ends commands that still wait; the controller is ended by `down`. */
  stop(): void {
    for (const child of this.#running) child.kill('SIGTERM');
  }

  async #run(args: readonly string[], onLine: (line: string) => void) {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: this.#project,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C is for the demo alone, which then ends its commands in order.
      detached: true,
      env: { ...process.env, SLUICE_STATE_DIR: join(this.#project, '.sluice') },
    });
    this.#running.add(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4000);
    });
    createInterface({ input: child.stdout }).on('line', onLine);
    const [code] = (await once(child, 'close')) as [number | null];
    this.#running.delete(child);
    return { code, errors };
  }
}

function isEnd(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'type' in line && line.type === 'end';
}
