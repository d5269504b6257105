import type { Case, Message, Reading } from './message.ts';
import { NodeParser } from './node-parser.ts';

const node = new NodeParser();

/**
 * Null when llhttp accepts whatever was accepted here, with the same boundaries, first line, fields and body; otherwise
 * what differs.
 */
export function difference(one: Case, reading: Reading): string | null {
  for (const [index, message] of reading.messages.entries()) {
    // Of a message that was refused in its body only the head was accepted.
    const headOnly = message.end === null && reading.refused !== null;
    const different = messageDifference(one, message, headOnly);
    if (different !== null) return `message ${index + 1}: ${different}`;
  }
  return null;
}

/** Whether llhttp accepts the message that begins at `start`, which was refused here. */
export function nodeAccepts({ kind, method, bytes }: Case, start: number): boolean {
  node.begin(kind, kind === 'response' && method === 'HEAD');
  node.feed(bytes.subarray(start));
  if (node.reported.error === null && node.reported.completed === 0) node.finish();
  return node.reported.completed > 0;
}

function messageDifference(
  { kind, method, bytes }: Case,
  message: Message,
  headOnly: boolean,
): string | null {
  const { start, headEnd, end, body } = message;
  node.begin(kind, kind === 'response' && method === 'HEAD');
  const { reported } = node;
  node.feed(bytes.subarray(start, headEnd - 1));
  if (reported.heads > 0) return 'llhttp ends the head sooner';
  node.feed(bytes.subarray(headEnd - 1, headEnd));
  if (reported.error !== null) return `llhttp refuses the head: ${reported.error}`;
  if (reported.heads === 0) return 'llhttp ends the head later';
  if (reported.first !== message.first) return `llhttp reads ${reported.first}, not ${message.first}`;
  const fields = JSON.stringify(reported.fields);
  if (fields !== JSON.stringify(message.fields)) return `llhttp reads the fields ${fields}`;
  if (headOnly) return null;
  const whole = end ?? bytes.length;
  if (whole > headEnd) {
    node.feed(bytes.subarray(headEnd, whole - 1));
    if (reported.completed > 0) return 'llhttp ends the body sooner';
    node.feed(bytes.subarray(whole - 1, whole));
  }
  if (end === null) return reported.completed > 0 ? 'llhttp ends the body sooner' : null;
  if (reported.error !== null) return `llhttp refuses the body: ${reported.error}`;
  if (reported.completed !== 1) return `llhttp sees ${reported.completed} ends of the body`;
  return reported.body === body ? null : 'llhttp reads another body';
}
