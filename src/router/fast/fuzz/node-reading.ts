import { NodeParser } from './node-parser.ts';

/** The bodies of the requests that llhttp reads from a connection, one character for each byte, and why it stopped. */
export function nodeBodies(bytes: Buffer): {
  readonly bodies: readonly string[];
  readonly error: string | null;
} {
  const parser = new NodeParser();
  const bodies: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    parser.begin('request', false);
    let end = start;
    while (end < bytes.length && parser.reported.completed === 0 && parser.reported.error === null) {
      parser.feed(bytes.subarray(end, end + 1));
      end += 1;
    }
    if (parser.reported.completed === 0) return { bodies, error: parser.reported.error ?? 'incomplete' };
    bodies.push(parser.reported.body);
    start = end;
  }
  return { bodies, error: null };
}
