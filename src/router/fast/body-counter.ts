import { malformed } from './byte-classes.ts';
import { ChunkScanner } from './chunk-scanner.ts';
import { chunkedLength } from './framing.ts';

/** How far a body has come: by its length, by its chunks, or until the connection ends. */
export class BodyCounter {
  done: boolean;
  /** Bytes that went by, framing of chunks included. */
  seen = 0;
  #left: number;
  #chunks: ChunkScanner | null;

  /** A length from 0 up, `chunkedLength`, or `untilClose`. */
  constructor(length: number) {
    this.#left = length < 0 ? Number.POSITIVE_INFINITY : length;
    this.#chunks = length === chunkedLength ? new ChunkScanner() : null;
    this.done = length === 0;
  }

  /** Bytes of data that are known to come or to have come. */
  get announced(): number {
    return this.#chunks?.announced ?? this.seen;
  }

  /** Where the body ends in these bytes (`to`: not before), or `malformed`. */
  advance(bytes: Buffer, from: number, to: number, onData?: (from: number, to: number) => void): number {
    if (this.done) return from;
    let end: number;
    if (this.#chunks === null) {
      end = Math.min(to, from + this.#left);
      this.#left -= end - from;
      this.done = this.#left === 0;
    } else {
      end = this.#chunks.scan(bytes, from, to, onData);
      if (end === malformed) return malformed;
      this.done = this.#chunks.done;
    }
    this.seen += end - from;
    return end;
  }
}
