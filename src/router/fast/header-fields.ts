import { colon, cr, htab, incomplete, lf, malformed, sp, tokenByte, valueByte } from './byte-classes.ts';
import { kindOfField } from './field-kind.ts';

/** Name start, name end, value start, value end. */
const numbersPerField = 4;

/**
 * The header fields of one head, as offsets into its bytes. Strict: a name is a token with the colon right after it, a
 * value has no control character, each line ends with CR LF and none begins with white space. Used again for each head.
 */
export class HeaderFields {
  count = 0;
  #offsets = new Int32Array(64 * numbersPerField);
  #kinds = new Uint8Array(64);

  /** Reads from the start of the first field to the end of the blank line; gives that end, `incomplete` or `malformed`. */
  read(bytes: Uint8Array, from: number, end: number): number {
    this.count = 0;
    let at = from;
    for (;;) {
      if (at >= end) return incomplete;
      if (bytes[at] === cr) {
        if (at + 1 >= end) return incomplete;
        return bytes[at + 1] === lf ? at + 2 : malformed;
      }
      const nameStart = at;
      while (at < end && tokenByte[bytes[at] as number] !== 0) at += 1;
      if (at >= end) return incomplete;
      if (at === nameStart || bytes[at] !== colon) return malformed;
      const nameEnd = at;
      at += 1;
      while (at < end && (bytes[at] === sp || bytes[at] === htab)) at += 1;
      const valueStart = at;
      while (at < end && valueByte[bytes[at] as number] === 1) at += 1;
      if (at < end && bytes[at] !== cr) return malformed;
      if (at + 1 >= end) return incomplete;
      if (bytes[at + 1] !== lf) return malformed;
      let valueEnd = at;
      while (valueEnd > valueStart && isSpace(bytes[valueEnd - 1])) valueEnd -= 1;
      at += 2;
      this.#add(kindOfField(bytes, nameStart, nameEnd), nameStart, nameEnd, valueStart, valueEnd);
    }
  }

  kind(index: number): number {
    return this.#kinds[index] as number;
  }

  nameStart(index: number): number {
    return this.#offsets[index * numbersPerField] as number;
  }

  nameEnd(index: number): number {
    return this.#offsets[index * numbersPerField + 1] as number;
  }

  valueStart(index: number): number {
    return this.#offsets[index * numbersPerField + 2] as number;
  }

  valueEnd(index: number): number {
    return this.#offsets[index * numbersPerField + 3] as number;
  }

  /** The first field of a kind from `index` on, -1 without one. */
  find(kind: number, index = 0): number {
    for (let i = index; i < this.count; i += 1) if (this.#kinds[i] === kind) return i;
    return -1;
  }

  name(bytes: Buffer, index: number): string {
    return bytes.toString('latin1', this.nameStart(index), this.nameEnd(index));
  }

  value(bytes: Buffer, index: number): string {
    return bytes.toString('latin1', this.valueStart(index), this.valueEnd(index));
  }

  /** All values of a kind, joined with commas; null without one. */
  joined(bytes: Buffer, kind: number): string | null {
    let text: string | null = null;
    for (let i = this.find(kind); i >= 0; i = this.find(kind, i + 1)) {
      text = text === null ? this.value(bytes, i) : `${text}, ${this.value(bytes, i)}`;
    }
    return text;
  }

  #add(kind: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    if (this.count === this.#kinds.length) this.#grow();
    const offsets = this.#offsets;
    const at = this.count * numbersPerField;
    offsets[at] = nameStart;
    offsets[at + 1] = nameEnd;
    offsets[at + 2] = valueStart;
    offsets[at + 3] = valueEnd;
    this.#kinds[this.count] = kind;
    this.count += 1;
  }

  #grow(): void {
    const [offsets, kinds] = [this.#offsets, this.#kinds];
    this.#offsets = new Int32Array(offsets.length * 2);
    this.#offsets.set(offsets);
    this.#kinds = new Uint8Array(kinds.length * 2);
    this.#kinds.set(kinds);
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === sp || byte === htab;
}
