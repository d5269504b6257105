import { SluiceError } from '../src/base/sluice-error.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

/** How long after the disk was well again something that it held up may still come, ms. */
const echoMs = 10_000;

/**
 * The disk under the journal. What it writes is whole or not there, as the journal's transactions are: a write that is torn
 * is one whose writer hears of a failure although everything is there.
 */
export class Disk {
  state: 'fine' | 'slow' | 'full' = 'fine';
  #hurtUntilMs = Number.NEGATIVE_INFINITY;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True when something since then may have been held up, or been asked for again. */
  hurtSince(ms: number): boolean {
    return this.state !== 'fine' || this.#hurtUntilMs >= ms;
  }

  becomes(state: Disk['state']): void {
    this.state = state;
    this.#hurt();
  }

  /** Before the bytes are written: nothing of them is there when it rejects. */
  async before(life: Life, random: Random): Promise<void> {
    if (this.state === 'full') throw failed('journal-disk-full', 'The disk under the journal is full.');
    if (this.state === 'fine') return;
    await life.wait(random.between(50, 1_500));
    this.#hurt();
  }

  /** After all of them were written. */
  tear(): never {
    this.#hurt();
    throw failed('journal-unusable', 'The disk under the journal did not answer.');
  }

  #hurt(): void {
    this.#hurtUntilMs = this.#nowMs() + echoMs;
  }
}

function failed(code: string, message: string): SluiceError {
  return new SluiceError({ code, message, remedy: 'The simulator made it fail; it is tried again.' });
}
