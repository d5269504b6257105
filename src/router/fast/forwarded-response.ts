import { type ConnectionOptions, connectionOptions } from './connection-options.ts';
import { fieldKind } from './field-kind.ts';
import type { ResponseParser } from './response-parser.ts';

/** What becomes of the head of a response on its way to the client. */
export class ForwardedResponse {
  options: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, named: null };
  #parser: ResponseParser;
  #plain = false;

  constructor(parser: ResponseParser) {
    this.#parser = parser;
  }

  /** Looks at the head that the parser has just read. `plain`: the body goes to the client without chunks. */
  read(bytes: Buffer, plain: boolean): void {
    this.options = connectionOptions(bytes, this.#parser.fields);
    this.#plain = plain;
  }

  /**
   * Takes out the fields of the connection by moving what is before them, so that head and body lie together. Gives where
   * the head begins now; it ends where it did.
   */
  compact(bytes: Buffer, start: number, headEnd: number): number {
    const { fields } = this.#parser;
    let to = headEnd - 2;
    let end = to;
    for (let i = fields.count - 1; i >= 0; i -= 1) {
      if (!this.#dropped(bytes, i)) continue;
      const lineEnd = i + 1 < fields.count ? fields.nameStart(i + 1) : headEnd - 2;
      const length = end - lineEnd;
      if (to !== end && length > 0) bytes.copyWithin(to - length, lineEnd, end);
      to -= length;
      end = fields.nameStart(i);
    }
    const length = end - start;
    if (to !== end) bytes.copyWithin(to - length, start, end);
    bytes[to - length + 7] = 49;
    return to - length;
  }

  /** Seconds after which the instance closes the idle connection, if it says so. */
  keepAliveSeconds(bytes: Buffer): number | null {
    const { fields } = this.#parser;
    const index = fields.find(fieldKind.keepAlive);
    if (index < 0) return null;
    const [, seconds] = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(fields.value(bytes, index)) ?? [];
    return seconds === undefined ? null : Number(seconds);
  }

  /** What the connection becomes, in a 101. Asked before `compact`. */
  upgradeTo(bytes: Buffer): string {
    return this.#parser.fields.joined(bytes, fieldKind.upgrade) ?? '';
  }

  #dropped(bytes: Buffer, index: number): boolean {
    const { fields, status } = this.#parser;
    switch (fields.kind(index)) {
      case fieldKind.other:
        return this.options.named?.has(fields.name(bytes, index).toLowerCase()) ?? false;
      case fieldKind.connection:
      case fieldKind.keepAlive:
      case fieldKind.upgrade:
      case fieldKind.hop:
        return true;
      case fieldKind.transferEncoding:
        return this.#plain || status === 204;
      case fieldKind.contentLength:
        return status === 204 || status < 200;
      default:
        return false;
    }
  }
}
