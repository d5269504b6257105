import type { Clock } from '../base/clock.ts';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import type { Asked, FromPredecessor, FromSuccessor } from './hand-over-messages.ts';
import { say } from './say.ts';
import type { Elder } from './switchboard.ts';

/** What an answering process needs at most for a table, without those before it. */
const answerMs = 5_000;
const slackMs = 2_000;

/** The router before this one, at the other end of this process's channel. Calls resolve when it is gone. */
export class Predecessor implements Elder {
  #clock: Clock;
  readonly elders: number;
  #pid: number;
  #nextId = 0;
  #open = new Map<number, (message: FromPredecessor & { kind: 'done' }) => void>();
  #gone: Promise<void>;

  constructor(clock: Clock, { pid, elders }: { readonly pid: number; readonly elders: number }) {
    this.#clock = clock;
    this.#pid = pid;
    this.elders = elders;
    this.#gone = new Promise((resolve) => {
      process.once('disconnect', () => resolve());
    });
  }

  get gone(): Promise<void> {
    return this.#gone;
  }

  heard(message: FromPredecessor & { kind: 'done' }): void {
    this.#open.get(message.id)?.(message);
  }

  /** One that does not answer could still send requests to instances that the table does not name: it is ended. */
  async apply(table: Extract<Asked, { what: 'apply' }>['table']): Promise<void> {
    await this.#insist({ what: 'apply', table });
  }

  async remove(target: string): Promise<void> {
    await this.#insist({ what: 'remove', target });
  }

  async drained(target: string, instance: string, deadlineMs: number): Promise<{ readonly cutOff: number }> {
    const answer = await this.#ask({ what: 'drained', target, instance, deadlineMs }, deadlineMs + slackMs);
    if (answer === 'late') return { cutOff: 0 };
    if (answer?.error != null) throw new SluiceError(answer.error);
    return (answer?.value ?? { cutOff: 0 }) as { cutOff: number };
  }

  async end(graceMs: number): Promise<void> {
    if ((await this.#ask({ what: 'end', graceMs }, graceMs + slackMs)) === 'late') await this.#kill();
    await this.#gone;
  }

  async #insist(asked: Asked): Promise<void> {
    const withinMs = answerMs * this.elders;
    const answer = await this.#ask(asked, withinMs);
    if (answer === null) return;
    if (answer !== 'late' && answer.error === null) return;
    const why = answer === 'late' ? `no answer in ${withinMs} ms` : answer.error?.message;
    say(`The router of before, process ${this.#pid}, does not follow: ${why}. It is ended.`);
    await this.#kill();
  }

  /** Null: it is gone. */
  async #ask(asked: Asked, withinMs: number): Promise<(FromPredecessor & { kind: 'done' }) | 'late' | null> {
    if (!process.connected) return null;
    const id = this.#nextId++;
    const answer = new Promise<FromPredecessor & { kind: 'done' }>((resolve) => this.#open.set(id, resolve));
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const cancel = this.#clock.after(withinMs, () => resolve('late'));
    process.send?.({ kind: 'ask', id, asked } satisfies FromSuccessor, () => {});
    try {
      return await Promise.race([answer, late, this.#gone.then(() => null)]);
    } finally {
      cancel();
      this.#open.delete(id);
    }
  }

  async #kill(): Promise<void> {
    // Its channel is open, so the pid is still its own.
    if (!process.connected) return;
    try {
      process.kill(this.#pid, 'SIGKILL');
    } catch (error) {
      say(`The router of before cannot be ended: ${errorFacts(error).message}`);
      return;
    }
    await this.#gone;
  }
}
