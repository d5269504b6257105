const mostHead = 1_048_576;
const mostTail = 1_048_576;

/** The beginning and the end of an output of any length, in bounded memory. */
export class KeptOutput {
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #lost = false;

  add(chunk: Buffer): void {
    const room = mostHead - this.#headBytes;
    if (room > 0) {
      const first = chunk.subarray(0, room);
      this.#head.push(first);
      this.#headBytes += first.length;
    }
    if (chunk.length > room) this.#addTail(chunk.subarray(Math.max(0, room)));
  }

  /** Nothing is missing between the head and the tail. */
  get isWhole(): boolean {
    return !this.#lost;
  }

  /** The end; of a short output, all of it. */
  tail(): string {
    const tail = Buffer.concat(this.#tail);
    if (!this.isWhole) return withoutCutCharacter(tail).toString();
    return Buffer.concat([...this.#head, tail]).toString();
  }

  #addTail(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    for (
      let first = this.#tail[0];
      first && this.#tailBytes - first.length >= mostTail;
      first = this.#tail[0]
    ) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#lost = true;
    }
  }
}

/** Bytes 10xxxxxx go on with a character that began before. */
function withoutCutCharacter(bytes: Buffer): Buffer {
  let from = 0;
  while (from < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return bytes.subarray(from);
}
