/** Whether a text has what was looked for. */
export interface Found {
  readonly holds: boolean;
  /** For people. */
  readonly observed: string;
  /** The part that matched with its line, or the tail of the text. */
  readonly excerpt: string;
}
