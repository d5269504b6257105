import { cr, hexValue, htab, lf, malformed, sp, tokenByte } from './byte-classes.ts';

/** So that each size is an exact number. */
const mostSizeDigits = 13;
const mostExtensionBytes = 4_096;
const mostTrailerBytes = 16_384;

const place = {
  size: 0,
  extension: 1,
  extensionValue: 2,
  extensionQuoted: 3,
  extensionEnd: 4,
  sizeLf: 5,
  data: 6,
  dataCr: 7,
  dataLf: 8,
  trailer: 9,
  done: 10,
} as const;

/**
 * Finds the end of a chunked body (RFC 9112, 7.1) and touches no byte of its data. Strict: sizes are hexadecimal digits,
 * extensions are `;name`, `;name=token` or `;name="text"` without white space, each line ends with CR LF, and trailer
 * fields are well-formed and none that says where a message ends or to whom it goes. Used again after `reset`.
 */
export class ChunkScanner {
  /** Bytes of data that the sizes so far announced. */
  announced = 0;
  #place: number = place.size;
  #left = 0;
  #digits = 0;
  #extensionBytes = 0;
  /** The name or value that is being read has a character. */
  #named = false;
  #trailerBytes = 0;
  #line = '';

  get done(): boolean {
    return this.#place === place.done;
  }

  reset(): void {
    this.announced = 0;
    this.#place = place.size;
    this.#left = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#trailerBytes = 0;
    this.#line = '';
  }

  /**
   * The position after what belongs to the body: `end`, unless the body ended before (then `done` is true), or
   * `malformed`. `onData` is told where each piece of data lies.
   */
  scan(bytes: Buffer, from: number, end: number, onData?: (from: number, to: number) => void): number {
    let at = from;
    while (at < end && this.#place !== place.done) {
      if (this.#place === place.data) {
        const to = Math.min(end, at + this.#left);
        onData?.(at, to);
        this.#left -= to - at;
        at = to;
        if (this.#left === 0) this.#place = place.dataCr;
      } else if (this.#place === place.trailer) {
        at = this.#trailerLine(bytes, at, end);
        if (at < 0) return malformed;
      } else if (!this.#step(bytes[at] as number)) return malformed;
      else at += 1;
    }
    return at;
  }

  /** One byte outside of data and trailers. */
  #step(byte: number): boolean {
    switch (this.#place) {
      case place.size:
        return this.#sizeByte(byte);
      case place.extension:
      case place.extensionValue:
      case place.extensionQuoted:
      case place.extensionEnd:
        this.#extensionBytes += 1;
        return this.#extensionBytes <= mostExtensionBytes && this.#extensionByte(byte);
      case place.sizeLf:
        if (byte !== lf) return false;
        this.#place = this.#left === 0 ? place.trailer : place.data;
        this.#digits = 0;
        return true;
      case place.dataCr:
        this.#place = place.dataLf;
        return byte === cr;
      default:
        this.#place = place.size;
        return byte === lf;
    }
  }

  #sizeByte(byte: number): boolean {
    const digit = hexValue[byte] as number;
    if (digit !== 255) {
      this.#digits += 1;
      this.#left = this.#left * 16 + digit;
      return this.#digits <= mostSizeDigits;
    }
    if (this.#digits === 0) return false;
    this.announced += this.#left;
    return this.#afterExtension(byte);
  }

  #extensionByte(byte: number): boolean {
    if (this.#place === place.extensionQuoted) {
      if (byte === quote) this.#place = place.extensionEnd;
      return byte === htab || (byte >= sp && byte < 127 && byte !== backslash);
    }
    if (this.#place === place.extensionEnd) return this.#afterExtension(byte);
    if (tokenByte[byte] !== 0) {
      this.#named = true;
      return true;
    }
    // A name, and a value that an equals sign announced, has at least one character.
    if (byte === quote && this.#place === place.extensionValue && !this.#named) {
      this.#place = place.extensionQuoted;
      return true;
    }
    if (!this.#named) return false;
    if (byte === equals && this.#place === place.extension) {
      this.#place = place.extensionValue;
      this.#named = false;
      return true;
    }
    return this.#afterExtension(byte);
  }

  #afterExtension(byte: number): boolean {
    if (byte === semicolon) {
      this.#place = place.extension;
      this.#named = false;
      return true;
    }
    this.#place = place.sizeLf;
    return byte === cr;
  }

  /** To the end of a line of the trailer section at most. */
  #trailerLine(bytes: Buffer, from: number, end: number): number {
    const found = bytes.indexOf(lf, from);
    const to = found < 0 || found >= end ? end : found + 1;
    this.#trailerBytes += to - from;
    if (this.#trailerBytes > mostTrailerBytes) return malformed;
    this.#line += bytes.toString('latin1', from, to);
    if (bytes[to - 1] !== lf) return to;
    const line = this.#line;
    this.#line = '';
    if (line === '\r\n') this.#place = place.done;
    else if (!isTrailerField(line)) return malformed;
    return to;
  }
}

const quote = 34;
const semicolon = 59;
const equals = 61;
const backslash = 92;
/** What frames or routes a message must not come after its body (RFC 9110, 6.5.1). */
const notInTrailers = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'set-cookie',
  'transfer-encoding',
  'trailer',
  'upgrade',
]);

function isTrailerField(line: string): boolean {
  const [, name] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t\x20-\x7e\x80-\xff]*\r\n$/.exec(line) ?? [];
  return name !== undefined && !notInTrailers.has(name.toLowerCase());
}
