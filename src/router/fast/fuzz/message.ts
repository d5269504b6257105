/** One message as a reader sees it in a stream of bytes. */
export interface Message {
  /** Method and target of a request, status of a response. */
  readonly first: string;
  /** Names and values by turns. */
  readonly fields: readonly string[];
  readonly start: number;
  readonly headEnd: number;
  /** Null: not all of it is there, or only the end of the connection ends it. */
  readonly end: number | null;
  /** The body, or what is there of it, without the framing of chunks. */
  readonly body: string;
}

export type Kind = 'request' | 'response';

/** What a reader makes of a stream: its messages, and why it stopped (null: it wants more). */
export interface Reading {
  readonly messages: readonly Message[];
  readonly refused: string | null;
}

export interface Case {
  readonly kind: Kind;
  /** What a response answers; GET for requests too. */
  readonly method: 'GET' | 'HEAD';
  readonly bytes: Buffer;
}
