import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import type { GatedProcess, GatedScript } from '../runtime/gated-process.ts';
import { type GroupLeader, leaderOf } from '../runtime/process-group.ts';

/** The next command of a run comes within milliseconds. */
const restMs = 2_000;
/** A longer command is given to its shell in the usual way, which says so when it is too long. */
const mostText = 60_000;

interface Waiting {
  readonly child: ChildProcess;
  readonly leader: GroupLeader;
  readonly env: GatedScript['env'];
  readonly place: string;
}

/**
 * A shell that was started ahead for a script like the last one, so that nobody waits for it to start. It leads a process group
 * of its own and reads what it does from its standard input: nothing at all when that ends before its release.
 */
export class WaitingShell {
  #waiting: Waiting | null = null;
  #rest: NodeJS.Timeout | null = null;

  /** Starts one where none waits. What goes wrong is told to whoever starts the next script in the usual way. */
  async prepare({ inPlace = false, directory, env }: GatedScript): Promise<void> {
    this.#restart();
    const place = identityOf(directory);
    if (!inPlace || this.#waiting !== null || place === null) return;
    const child = spawn('/bin/sh', [], {
      cwd: directory,
      env: { ...env },
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => undefined);
    child.stdin?.on('error', () => undefined);
    const leader = child.pid === undefined ? null : await leaderOf(child.pid);
    if (leader === null || this.#waiting !== null) return void child.stdin?.destroy();
    const waiting = { child, leader, env, place };
    this.#waiting = waiting;
    child.once('exit', () => {
      if (this.#waiting === waiting) this.#waiting = null;
    });
  }

  /** The one that waits, if it may do this; null: start one. Throws where the output cannot be opened. */
  take(order: GatedScript): GatedProcess | null {
    const waiting = this.#waiting;
    if (waiting === null || !order.inPlace || waiting.place !== identityOf(order.directory)) return null;
    const text = textOf(order, waiting.env);
    if (text === null) return null;
    closeSync(openSync(order.outputPath, 'a', 0o600));
    this.#waiting = null;
    const { child, leader } = waiting;
    return {
      child,
      leader,
      release: () => child.stdin?.end(text),
      discard: () => child.stdin?.destroy(),
    };
  }

  #restart(): void {
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#waiting?.child.stdin?.destroy();
      this.#waiting = null;
    }, restMs).unref();
  }
}

/** Of the folder that is there now: one that was put in its place is another. Null when there is none. */
function identityOf(directory: string): string | null {
  const stats = statSync(directory, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? null : `${stats.dev}:${stats.ino} ${directory}`;
}

/**
 * For the shell. In braces, which are read to their end before anything in them is done: a part of the text does nothing. Null where it
 * cannot be said so.
 */
function textOf({ script, args = [], env, outputPath }: GatedScript, own: GatedScript['env']): string | null {
  const differing = [...new Set([...Object.keys(env), ...Object.keys(own)])].filter(
    (name) => env[name] !== own[name],
  );
  // Other names may mean something to the shell.
  if (!differing.every((name) => /^SLUICE_\w+$/.test(name))) return null;
  const settings = differing.map((name) => {
    const value = env[name];
    return value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`;
  });
  const text = [
    '{',
    `exec >>${quoted(outputPath)} 2>&1 </dev/null`,
    ...settings,
    `set -- ${args.map(quoted).join(' ')}`,
    `eval ${quoted(script)}`,
    'exit',
    '}\n',
  ].join('\n');
  return text.length > mostText || text.includes('\0') ? null : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
