import type { Clock } from '../../base/clock.ts';
import { keptOutputBytes } from './command-record.ts';
import type { CommandOutcome, CommandRun, CommandRunner } from './port.ts';

/** What a command does in the memory runner. */
export interface PretendedCommand {
  readonly exitCode: number;
  readonly output?: string;
  /** Default 0; `Infinity` hangs until the timeout or a cancel. */
  readonly takesMs?: number;
}

/** Commands that are only pretended, on the clock that is given. */
export class MemoryCommandRunner implements CommandRunner {
  /** Every command that was begun, in order. */
  readonly begun: CommandRun[] = [];
  readonly #clock: Clock;
  readonly #pretend: (command: CommandRun) => PretendedCommand;
  readonly #outcomes = new Map<string, Promise<CommandOutcome>>();
  readonly #endedAt = new Map<string, number>();
  readonly #cancels = new Map<string, () => void>();

  constructor(options: {
    readonly clock: Clock;
    /** Default: exits with 0 at once. */
    readonly pretend?: (command: CommandRun) => PretendedCommand;
  }) {
    this.#clock = options.clock;
    this.#pretend = options.pretend ?? (() => ({ exitCode: 0 }));
  }

  run(command: CommandRun): Promise<CommandOutcome> {
    const known = this.#outcomes.get(command.id);
    if (known !== undefined) return known;
    this.begun.push(command);
    const outcome = this.#perform(command);
    this.#outcomes.set(command.id, outcome);
    return outcome;
  }

  async cancel(id: string): Promise<void> {
    this.#cancels.get(id)?.();
  }

  async prune({ keep, olderThanMs, at }: Parameters<CommandRunner['prune']>[0]): Promise<readonly string[]> {
    const gone = [...this.#endedAt].filter(([id, endedAt]) => !keep.has(id) && at - endedAt >= olderThanMs);
    for (const [id] of gone) {
      this.#endedAt.delete(id);
      this.#outcomes.delete(id);
    }
    return gone.map(([id]) => id);
  }

  async close(): Promise<void> {
    for (const cancel of [...this.#cancels.values()]) cancel();
  }

  #perform(command: CommandRun): Promise<CommandOutcome> {
    const { exitCode, output = '', takesMs = 0 } = this.#pretend(command);
    const { timeoutMs } = command.spec;
    const startedMs = this.#clock.monotonicMs();
    const timedOut = takesMs > timeoutMs;
    return new Promise((resolve) => {
      const end = (code: number | null, late: boolean) => {
        cancelTimer();
        this.#cancels.delete(command.id);
        this.#endedAt.set(command.id, this.#clock.now());
        const durationMs = this.#clock.monotonicMs() - startedMs;
        resolve({ exitCode: code, timedOut: late, durationMs, output: output.slice(-keptOutputBytes) });
      };
      const cancelTimer = this.#clock.after(Math.min(takesMs, timeoutMs), () =>
        end(timedOut ? null : exitCode, timedOut),
      );
      this.#cancels.set(command.id, () => end(null, false));
    });
  }
}
