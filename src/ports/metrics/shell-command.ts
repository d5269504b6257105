import { spawn } from 'node:child_process';
import type { Clock } from '../../base/clock.ts';

export interface ShellCommand {
  /** For `sh -c`. */
  readonly run: string;
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Default: the directory of this process. */
  readonly directory?: string;
  /** Standard input; default: empty. */
  readonly input?: string;
}

export interface ShellOutcome {
  /** Null when it was ended by a signal, or could not be started at all. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export type ShellRunner = (command: ShellCommand) => Promise<ShellOutcome>;

/** Of each stream; a command that prints more is ended. */
const mostOutputBytes = 1_048_576;

/**
 * Runs a command in a process group of its own; at the deadline the whole group is killed. It has ended when the shell
 * has, and what it left running in the background is not waited for.
 */
export function shellRunner(clock: Clock): ShellRunner {
  return (command) =>
    new Promise((resolve) => {
      const child = spawn('env', [...settings(command.env), 'sh', '-c', command.run], {
        cwd: command.directory,
        detached: true,
        stdio: 'pipe',
      });
      let timedOut = false;
      const killGroup = () => {
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
          killAll(child.pid);
      };
      let cancelGrace = () => {};
      const cancel = clock.after(command.timeoutMs, () => {
        timedOut = true;
        killGroup();
      });
      const stdout = collect(child.stdout, killGroup);
      const stderr = collect(child.stderr, killGroup);
      const end = (exitCode: number | null, failure = '') => {
        cancel();
        cancelGrace();
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ exitCode, timedOut, stdout: stdout(), stderr: stderr() + failure });
      };
      child.once('error', (error) => end(null, error.message));
      child.once('close', (code) => end(code));
      // A background process may hold the streams open; what the shell itself wrote arrives right after its end.
      child.once('exit', (code) => {
        cancelGrace = clock.after(graceMs, () => end(code));
      });
      // A command need not read its input.
      child.stdin.on('error', () => undefined);
      child.stdin.end(command.input ?? '');
    });
}

const graceMs = 250;

/** `env` adds the variables, because only the configuration and main.ts read the environment of this process. */
function settings(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value.replaceAll('\0', '')}`);
}

function collect(stream: NodeJS.ReadableStream, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostOutputBytes) chunks.push(chunk);
    else tooMuch();
  });
  return () => Buffer.concat(chunks).toString();
}

function killAll(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    // It ended by itself in the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
