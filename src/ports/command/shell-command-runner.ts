import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '../../base/clock.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { readAtOnce } from '../../disk/read-at-once.ts';
import { childEnvironment, type Environment } from '../runtime/child-environment.ts';
import { readOutput, rotate } from '../runtime/output-file.ts';
import { endGroup, leaderRuns } from '../runtime/process-group.ts';
import { fileName } from '../runtime/record-directory.ts';
import { type BegunCommand, keptOutputBytes } from './command-record.ts';
import { type CommandRecords, openCommandRecords } from './command-records.ts';
import type { CommandOutcome, CommandRun, CommandRunner } from './port.ts';
import { Spawner, type StartedScript } from './spawner.ts';

export interface ShellCommandRunnerOptions {
  /** Records and outputs are kept here; one runner at a time. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Where the allow-list is read from. Default: the environment of this process. */
  readonly environment?: Environment;
}

/**
 * Runs commands by the shell, each in a process group of its own that ends with it. A command that a killed runner had
 * begun is joined by the next; if it ended meanwhile, its outcome is found, and if it was killed too, the outcome has
 * no exit code and says so: it is never run a second time.
 */
export async function openShellCommandRunner(options: ShellCommandRunnerOptions): Promise<CommandRunner> {
  const outputs = join(options.stateDir, 'output');
  await mkdir(outputs, { recursive: true, mode: 0o700 });
  const records = await openCommandRecords(join(options.stateDir, 'commands'));
  return new ShellCommandRunner(options, records, outputs);
}

/** The outer shell leads the group and writes down how the command ended, for a runner that is not its parent. */
const script = '/bin/sh -c "$1"; echo "$?" > "$2"';
const pollMs = 50;
/** From SIGTERM to SIGKILL when a command is ended. */
const graceMs = 1_000;
/** A longer output is cut to its tail while the command runs. */
const mostOutputBytes = 4 * 2 ** 20;

class ShellCommandRunner implements CommandRunner {
  readonly #options: ShellCommandRunnerOptions;
  readonly #records: CommandRecords;
  readonly #outputs: string;
  readonly #spawner: Spawner;
  readonly #running = new Map<string, Promise<CommandOutcome>>();
  readonly #cancelled = new Set<string>();
  readonly #wakers = new Set<() => void>();
  #closed = false;

  constructor(options: ShellCommandRunnerOptions, records: CommandRecords, outputs: string) {
    this.#options = options;
    this.#records = records;
    this.#outputs = outputs;
    this.#spawner = new Spawner(options.clock);
  }

  run(command: CommandRun): Promise<CommandOutcome> {
    if (this.#closed) return Promise.reject(closedError(command.id));
    const under = this.#running.get(command.id);
    if (under !== undefined) return under;
    const running = this.#run(command);
    this.#running.set(command.id, running);
    void this.#forget(command.id, running);
    return running;
  }

  async #forget(id: string, running: Promise<CommandOutcome>): Promise<void> {
    await running.catch(() => undefined);
    for (const each of [this.#running, this.#cancelled]) each.delete(id);
  }

  async cancel(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) {
      this.#cancelled.add(id);
      this.#wake();
      // Whoever asked for the run is told of its failure.
      await running.catch(() => undefined);
      return;
    }
    const record = await this.#records.read(id);
    if (record?.kind === 'begun') await this.#finish(id, { ...record, ending: 'cancel' });
  }

  async prune({ keep, olderThanMs, at }: Parameters<CommandRunner['prune']>[0]): Promise<readonly string[]> {
    const gone: string[] = [];
    for (const { id, writtenAtMs } of await this.#records.ids()) {
      if (at - writtenAtMs < olderThanMs || keep.has(id) || this.#running.has(id)) continue;
      // What is damaged may name a process that runs; it stays until a person has looked at it.
      const record = await this.#records.read(id).catch(() => null);
      // One that was begun and never followed to its end is over when its process is.
      if (record?.kind !== 'begun' && record?.kind !== 'ended') continue;
      if (record.kind === 'begun' && (await leaderRuns(record.leader))) continue;
      this.#removeOutput(id);
      await this.#records.remove(id);
      gone.push(id);
    }
    return gone;
  }

  /** Commands keep running; who waits for one is refused with `command-runner-closed`, and the next runner joins it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await Promise.allSettled(this.#running.values());
    await this.#spawner.close();
  }

  async #run(command: CommandRun): Promise<CommandOutcome> {
    const record = await this.#records.read(command.id);
    if (record?.kind === 'ended') return record.outcome;
    if (record?.kind === 'begun') return this.#follow(command.id, record, null);
    return this.#begin(command);
  }

  async #begin({ id, spec, directory, env }: CommandRun): Promise<CommandOutcome> {
    const { clock, environment } = this.#options;
    const { output, exit } = this.#paths(id);
    this.#removeOutput(id);
    const order = {
      script,
      inPlace: true,
      args: [spec.run, exit],
      directory,
      env: childEnvironment(environment ?? process.env, { ...env, ...spec.env }),
      outputPath: output,
    };
    const times = { startedAtMs: clock.now(), timeoutMs: spec.timeoutMs };
    const [starting, known] = await Promise.allSettled([
      this.#spawner.start(order, () => this.#wake()),
      this.#records.begin(id, times),
    ]);
    if (starting.status === 'rejected') throw starting.reason;
    const started = starting.value;
    const record: BegunCommand = { kind: 'begun', leader: started.leader, ...times, ending: null };
    try {
      if (known.status === 'rejected') throw known.reason;
      this.#records.keep(id, record);
    } catch (error) {
      started.discard();
      throw error;
    }
    started.release();
    return this.#follow(id, record, started);
  }

  /** Waits for the end, the deadline or a cancel, whichever is first. A clock that jumps back does not prolong it. */
  async #follow(id: string, record: BegunCommand, started: StartedScript | null): Promise<CommandOutcome> {
    const { clock } = this.#options;
    if (record.ending !== null) return this.#finish(id, record);
    const spentMs = started === null ? Math.max(0, clock.now() - record.startedAtMs) : 0;
    const endMs = clock.monotonicMs() + record.timeoutMs - spentMs;
    const runs = async () => !started?.hasEnded() && (await leaderRuns(record.leader));
    // What was only just started will tell its end; it is looked at in case that nobody is there to tell it.
    for (let goesOn = started !== null || (await runs()); goesOn; goesOn = await runs()) {
      if (this.#closed) throw closedError(id);
      if (this.#cancelled.has(id)) return this.#endEarly(id, record, 'cancel');
      const leftMs = endMs - clock.monotonicMs();
      if (leftMs <= 0) return this.#endEarly(id, record, 'timeout');
      // It may have ended since it was looked at, and tells so only once.
      if (!started?.hasEnded()) await this.#pause(Math.min(pollMs, leftMs));
      if (!started?.hasEnded()) await rotate(this.#paths(id).output, mostOutputBytes);
    }
    return this.#finish(id, record);
  }

  async #endEarly(id: string, record: BegunCommand, ending: 'timeout' | 'cancel'): Promise<CommandOutcome> {
    const told = { ...record, ending };
    await this.#records.save(id, told);
    return this.#finish(id, told);
  }

  /** Ends what is left of the group, and writes down the outcome. */
  async #finish(id: string, { leader, startedAtMs, ending }: BegunCommand): Promise<CommandOutcome> {
    const { clock } = this.#options;
    await endGroup(clock, leader, ending === null ? 0 : graceMs);
    const { output, exit } = this.#paths(id);
    const printed = await readOutput(output, keptOutputBytes);
    const told = exitCodeIn(readAtOnce(exit, { follow: true })?.toString() ?? null);
    const lost = told === null && ending === null;
    const outcome: CommandOutcome = {
      exitCode: ending === null && told !== null ? exitCodeOf(told) : null,
      timedOut: ending === 'timeout',
      durationMs: Math.max(0, clock.now() - startedAtMs),
      output: lost ? `${printed}${killedNote}` : printed,
      ...(lost && { lost }),
    };
    this.#keep(id, outcome);
    return outcome;
  }

  /** Where the disk is full, what the shell has written tells the same. The output goes only then. */
  #keep(id: string, outcome: CommandOutcome): void {
    try {
      this.#records.keep(id, { kind: 'ended', outcome });
      this.#removeOutput(id);
    } catch {
      // Whoever asks for it again finds it in the output.
    }
  }

  #removeOutput(id: string): void {
    const { output, exit } = this.#paths(id);
    for (const path of [output, `${output}.1`, exit]) rmSync(path, { force: true });
  }

  #paths(id: string): { readonly output: string; readonly exit: string } {
    const base = join(this.#outputs, fileName(id));
    return { output: `${base}.log`, exit: `${base}.exit` };
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const wake = () => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      cancel = this.#options.clock.after(delayMs, wake);
      this.#wakers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}

const killedNote =
  '\n[Sluice: the command was killed before it could tell its exit code; how far it got is not known.]\n';

/** Null for a shell that was killed before it had written the whole line. */
function exitCodeIn(text: string | null): number | null {
  return text !== null && /^\d+\n$/.test(text) ? Number(text) : null;
}

/** A shell tells the end by signal n as 128 + n. */
function exitCodeOf(told: number): number | null {
  return told > 128 && told < 160 ? null : told;
}

function closedError(id: string): SluiceError {
  return new SluiceError({
    code: 'command-runner-closed',
    message: `The command runner was closed; command ${id} goes on if it had begun.`,
    remedy: 'Open the runner again and run the same id: it joins the command or gives its outcome.',
  });
}
