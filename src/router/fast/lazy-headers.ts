import type { IncomingHttpHeaders } from 'node:http';

/** Fields of which Node keeps the first and forgets the others. */
const single = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/** The fields of a head that was accepted, as Node would give them. `head` begins with the first line. */
export function headersOf(head: string): IncomingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null);
  const fields = fieldsOf(head);
  for (let i = 0; i < fields.length; i += 2)
    add(headers, (fields[i] as string).toLowerCase(), fields[i + 1] as string);
  return headers;
}

/** Names and values by turns, as they were sent. `head` begins with the first line. */
export function fieldsOf(head: string): string[] {
  const fields: string[] = [];
  const lines = head.split('\r\n');
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i] as string;
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    fields.push(line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ''));
  }
  return fields;
}

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  const before = headers[name];
  if (name === 'set-cookie') {
    if (Array.isArray(before)) before.push(value);
    else headers[name] = [value];
  } else if (before === undefined) headers[name] = value;
  else if (!single.has(name)) headers[name] = `${before as string}${name === 'cookie' ? '; ' : ', '}${value}`;
}
