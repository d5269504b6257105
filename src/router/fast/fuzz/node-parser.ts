import { createRequire } from 'node:module';
import type { Kind } from './message.ts';

/** What Node's own parser (llhttp) reported while it was fed. */
export interface Reported {
  heads: number;
  first: string;
  fields: string[];
  body: string;
  completed: number;
  error: string | null;
}

type Callback = (...facts: never[]) => unknown;

interface NativeParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | (Error & { code: string });
  finish(): undefined | (Error & { code: string });
  close(): void;
  [callback: number]: Callback | null;
}

interface NativeParserClass {
  new (): NativeParser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const { HTTPParser } = createRequire(import.meta.url)('_http_common') as { HTTPParser: NativeParserClass };
/** Node numbers methods in an order of its own; the same as that of its binding. */
const methodNames = (
  createRequire(import.meta.url)('_http_common') as { methods: readonly string[] }
).methods.slice();

/** llhttp in Node's strict default mode, one message at a time. */
export class NodeParser {
  #native = new HTTPParser();
  #kind: Kind = 'request';
  #skipBody = false;
  reported: Reported = blank();

  constructor() {
    const native = this.#native;
    native[HTTPParser.kOnHeaders] = (fields: string[], url: string) => {
      if (this.reported.heads === 0) this.reported.fields.push(...fields);
      this.#url += url;
    };
    native[HTTPParser.kOnHeadersComplete] = (
      _major: number,
      _minor: number,
      fields: string[] | undefined,
      method: number,
      url: string | undefined,
      status: number,
    ) => {
      this.reported.heads += 1;
      this.reported.fields.push(...(fields ?? []));
      this.reported.first =
        this.#kind === 'request' ? `${methodNames[method]} ${url || this.#url}` : String(status);
      return this.#skipBody ? 1 : 0;
    };
    native[HTTPParser.kOnBody] = (bytes: Buffer) => {
      this.reported.body += bytes.toString('latin1');
    };
    native[HTTPParser.kOnMessageComplete] = () => {
      this.reported.completed += 1;
    };
  }

  #url = '';

  begin(kind: Kind, skipBody: boolean): void {
    this.#kind = kind;
    this.#skipBody = skipBody;
    this.#url = '';
    this.reported = blank();
    this.#native.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {});
  }

  feed(bytes: Buffer): void {
    if (bytes.length === 0 || this.reported.error !== null) return;
    const result = this.#native.execute(bytes);
    if (typeof result !== 'number') this.reported.error = result.code;
  }

  /** The connection ended. */
  finish(): void {
    const error = this.#native.finish();
    if (error !== undefined) this.reported.error = error.code;
  }
}

function blank(): Reported {
  return { heads: 0, first: '', fields: [], body: '', completed: 0, error: null };
}
