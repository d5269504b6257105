import { fieldKind } from './field-kind.ts';
import type { HeaderFields } from './header-fields.ts';

/** What the Connection fields of a head ask for. */
export interface ConnectionOptions {
  readonly close: boolean;
  readonly keepAlive: boolean;
  readonly upgrade: boolean;
  /** Further fields, in small letters, that belong to the connection; null without any. */
  readonly named: ReadonlySet<string> | null;
}

const nothing: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, named: null };
const keepAlive: ConnectionOptions = { ...nothing, keepAlive: true };
const close: ConnectionOptions = { ...nothing, close: true };

/** Nobody may strip what the other side relies on, or what says where the message ends, by naming it. */
const neverNamed = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'trailer',
  'cookie',
  'set-cookie',
]);

export function connectionOptions(bytes: Buffer, fields: HeaderFields): ConnectionOptions {
  const first = fields.find(fieldKind.connection);
  if (first < 0) return nothing;
  const text = fields.joined(bytes, fieldKind.connection) ?? '';
  if (text === 'keep-alive') return keepAlive;
  if (text === 'close') return close;
  const names = new Set(text.split(',').map((name) => name.trim().toLowerCase()));
  const named = new Set([...names].filter((name) => !options.has(name) && !neverNamed.has(name)));
  return {
    close: names.has('close'),
    keepAlive: names.has('keep-alive'),
    upgrade: names.has('upgrade'),
    named: named.size > 0 ? named : null,
  };
}

const options = new Set(['', 'close', 'keep-alive', 'upgrade']);
