import { keptWordsBytes } from '../agent-outcome.ts';

/** What an agent said and did, of which the end is kept. */
export class Words {
  #text = '';

  add(line: string): void {
    if (line === '') return;
    this.#text = `${this.#text}${line.slice(-keptWordsBytes)}\n`;
    if (this.#text.length > 4 * keptWordsBytes) this.#text = this.#text.slice(-keptWordsBytes);
  }

  get tail(): string {
    const bytes = Buffer.from(this.#text);
    return bytes.subarray(Math.max(0, bytes.length - keptWordsBytes)).toString();
  }
}
