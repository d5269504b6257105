import { open, rename, stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { errorFacts } from '../base/sluice-error.ts';
import { say } from './say.ts';

/** Adds text to a file. */
export type Append = (path: string, text: string) => Promise<void>;

const flushMs = 200;
const eagerLength = 64 * 1024;
/** What waits for a disk that does not answer; lines beyond it are dropped and counted. */
const mostLength = 4 * 1024 * 1024;
const closeMs = 1_000;
/** The file and one older part have at most so much each. */
export const logPartBytes = 10 * 1024 * 1024;

/**
 * One file of lines. Writing costs a concatenation; the disk is touched a few times a second, one write at a time, and
 * nobody waits for it. What could not be written is told by a line `{"time":…,"dropped":N}` before the next one that could.
 */
export class AccessLog {
  readonly path: string;
  #clock: Clock;
  #append: Append;
  #waiting = '';
  #lines = 0;
  #dropped = 0;
  #scheduled = false;
  #writing: Promise<void> | null = null;
  #failing = false;

  constructor(path: string, clock: Clock, append: Append = appendRotated) {
    this.path = path;
    this.#clock = clock;
    this.#append = append;
  }

  /** One line, without its end. */
  write(line: string): void {
    if (this.#waiting.length + line.length >= mostLength) {
      this.#dropped += 1;
      return;
    }
    this.#waiting += `${line}\n`;
    this.#lines += 1;
    if (this.#writing !== null) return;
    if (this.#waiting.length >= eagerLength) this.#flush();
    else if (!this.#scheduled) this.#schedule();
  }

  /** Writes what waits, for at most a second. */
  async close(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(closeMs, resolve);
    await Promise.race([late, this.#drain()]);
    cancel();
  }

  async #drain(): Promise<void> {
    await this.#writing;
    this.#flush();
    await this.#writing;
  }

  #schedule(): void {
    this.#scheduled = true;
    this.#clock.after(flushMs, () => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writing !== null || this.#lines + this.#dropped === 0) return;
    const [lines, dropped] = [this.#lines, this.#dropped];
    const time = new Date(this.#clock.now()).toISOString();
    const told = dropped > 0 ? `${JSON.stringify({ time, dropped })}\n` : '';
    const text = told + this.#waiting;
    this.#waiting = '';
    this.#lines = 0;
    this.#dropped = 0;
    this.#writing = this.#append(this.path, text).then(
      () => this.#ended(null),
      (error: unknown) => {
        this.#dropped += lines + dropped;
        this.#ended(error);
      },
    );
  }

  #ended(error: unknown): void {
    this.#writing = null;
    // Said once, not five times a second for as long as a disk is full.
    if (error !== null && !this.#failing)
      say(`The access log cannot be written: ${errorFacts(error).message}. Lines are dropped.`);
    this.#failing = error !== null;
    if (this.#lines > 0) this.#schedule();
  }
}

/** Appends, and sets the file aside as `<path>.1` when it has become too large. Opened anew each time, so that others may rotate it as well. */
async function appendRotated(path: string, text: string): Promise<void> {
  await using file = await open(path, 'a', 0o600);
  await file.appendFile(text);
  const { size, ino } = await file.stat();
  if (size < logPartBytes) return;
  // Another router that writes here too may have done so a moment ago.
  if ((await stat(path)).ino === ino) await rename(path, `${path}.1`);
}
