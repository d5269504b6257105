import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { SluiceError } from '../../base/sluice-error.ts';
import { type GroupLeader, leaderOf } from './process-group.ts';

export interface GatedProcess {
  readonly leader: GroupLeader;
  readonly child: ChildProcess;
  /** Lets the script begin. */
  release(): void;
  /** Ends the process; the script has not begun. */
  discard(): void;
}

export interface GatedScript {
  /** For the shell; `$1`… are `args`. Standard input is empty. */
  readonly script: string;
  readonly args?: readonly string[];
  /** The waiting shell runs it, which saves starting another. Default false: the script's own shell takes its place. */
  readonly inPlace?: boolean;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Both streams are appended here. */
  readonly outputPath: string;
}

/**
 * Starts a shell in a process group of its own that waits for `release` before it runs the script. If this process dies
 * first, the shell reads the end of its input and ends: what is not on record never runs. Throws `process-not-started`.
 */
export async function startGated(order: GatedScript): Promise<GatedProcess> {
  const run = order.inPlace ? 'exec </dev/null; eval "$0"' : 'exec /bin/sh -c "$0" sh "$@" </dev/null';
  const child = spawnInto(order, `read -r go || exit 1; ${run}`);
  // A process that ended before it read its input is told by its exit.
  child.stdin?.on('error', () => undefined);
  await once(child, 'spawn').catch((error: Error) => notStarted(order.directory, error));
  child.unref();
  const leader = child.pid === undefined ? null : await leaderOf(child.pid);
  if (leader === null) return notStarted(order.directory, new Error('it ended at once'));
  return {
    child,
    leader,
    release: () => child.stdin?.end('go\n'),
    discard: () => child.stdin?.destroy(),
  };
}

function spawnInto(
  { script, args = [], directory, env, outputPath }: GatedScript,
  gate: string,
): ChildProcess {
  const output = openSync(outputPath, 'a', 0o600);
  try {
    return spawn('/bin/sh', ['-c', gate, script, ...args], {
      cwd: directory,
      env: { ...env },
      detached: true,
      stdio: ['pipe', output, output],
    });
  } finally {
    closeSync(output);
  }
}

function notStarted(directory: string, cause: Error): never {
  throw new SluiceError({
    code: 'process-not-started',
    message: `No process could be started in ${directory}: ${cause.message}.`,
    remedy: 'Check that the directory is there and that the machine can start more processes (`ulimit -u`).',
    cause,
  });
}
