/** A piece of a document in reading order. Its column, not its nesting, says what it belongs to: people indent by
 * two, three or four blanks, and CommonMark nests these differently. */
export type Entry = Heading | Item | Text | Code | Row;

interface Placed {
  readonly line: number;
  /** Where its marker or first letter stands, tabs counted as four. */
  readonly column: number;
}

export interface Heading extends Placed {
  readonly type: 'heading';
  readonly level: number;
  readonly text: string;
}

export interface Item extends Placed {
  readonly type: 'item';
  readonly ordered: boolean;
  /** Of `[ ]` and `[x]`; null without a box. */
  readonly checked: boolean | null;
  /** What stands in the box: `x`, `-`, `~`; empty for an empty one and without one. */
  readonly mark: string;
  readonly text: string;
}

export interface Text extends Placed {
  readonly type: 'text';
  readonly text: string;
}

export interface Code extends Placed {
  readonly type: 'code';
  readonly info: string;
  readonly text: string;
}

export interface Row extends Placed {
  readonly type: 'row';
  readonly header: readonly string[];
  readonly cells: readonly string[];
}
