import type { Clock } from '../../base/clock.ts';
import { agentsClosed } from './agents-closed.ts';
import type { AgentOutcome, AgentRun, Agents } from './port.ts';

/** What an agent does in memory. What is not given is as of one that says that it is done, at once. */
export interface PretendedAgent extends Partial<Omit<AgentOutcome, 'durationMs'>> {
  /** Default 0; `Infinity` hangs until the timeout or a cancel. */
  readonly takesMs?: number;
  /** Its work, such as a file that it writes; done when its time is over. */
  readonly works?: () => void | Promise<void>;
}

/** Agents that are only pretended, on the clock that is given. */
export class MemoryAgents implements Agents {
  /** Every run that was begun, in order. */
  readonly begun: AgentRun[] = [];
  readonly #clock: Clock;
  readonly #pretend: (run: AgentRun) => PretendedAgent;
  readonly #outcomes = new Map<string, Promise<AgentOutcome>>();
  readonly #endedAt = new Map<string, number>();
  readonly #cancels = new Map<string, () => void>();
  #closed = false;

  constructor(options: {
    readonly clock: Clock;
    /** Default: says that it is done. */
    readonly pretend?: (run: AgentRun) => PretendedAgent;
  }) {
    this.#clock = options.clock;
    this.#pretend = options.pretend ?? (() => ({}));
  }

  run(run: AgentRun): Promise<AgentOutcome> {
    if (this.#closed) return Promise.reject(agentsClosed(run.id));
    const known = this.#outcomes.get(run.id);
    if (known !== undefined) return known;
    this.begun.push(run);
    const outcome = this.#perform(run, this.#pretend(run));
    this.#outcomes.set(run.id, outcome);
    return outcome;
  }

  async cancel(id: string): Promise<void> {
    this.#cancels.get(id)?.();
  }

  async prune({ keep, olderThanMs, at }: Parameters<Agents['prune']>[0]): Promise<readonly string[]> {
    const gone = [...this.#endedAt].filter(([id, endedAt]) => !keep.has(id) && at - endedAt >= olderThanMs);
    for (const [id] of gone) {
      this.#endedAt.delete(id);
      this.#outcomes.delete(id);
    }
    return gone.map(([id]) => id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of [...this.#cancels.values()]) cancel();
  }

  async #perform(run: AgentRun, { takesMs = 0, works, ...told }: PretendedAgent): Promise<AgentOutcome> {
    const startedMs = this.#clock.monotonicMs();
    const end = await this.#wait(run, takesMs);
    if (end === 'in-time') await works?.();
    this.#endedAt.set(run.id, this.#clock.now());
    const usual: AgentOutcome = {
      ...{ ended: 'done', reason: null, exitCode: null, words: '', usage: null, concerns: [], ...told },
      durationMs: this.#clock.monotonicMs() - startedMs,
    };
    if (end === 'late')
      return { ...usual, ended: 'timed-out', reason: `It had not ended after ${run.timeoutMs} ms.` };
    return end === 'in-time' ? usual : { ...usual, ended: 'lost', reason: 'It was cancelled.' };
  }

  #wait({ id, timeoutMs }: AgentRun, takesMs: number): Promise<'in-time' | 'late' | 'cancelled'> {
    return new Promise((resolve) => {
      const end = (how: 'in-time' | 'late' | 'cancelled') => {
        cancelTimer();
        this.#cancels.delete(id);
        resolve(how);
      };
      const late = takesMs > timeoutMs;
      const cancelTimer = this.#clock.after(Math.min(takesMs, timeoutMs), () =>
        end(late ? 'late' : 'in-time'),
      );
      this.#cancels.set(id, () => end('cancelled'));
    });
  }
}
