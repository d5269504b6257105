import { mirrorHeader } from '../forwarded-headers.ts';
import { debugHeader } from '../version-fields.ts';
import { tokenByte } from './byte-classes.ts';

/** The header fields that mean something to a forwarder. */
export const fieldKind = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  expect: 6,
  keepAlive: 7,
  forwardedFor: 8,
  forwardedProto: 9,
  forwardedHost: 10,
  /** Others that belong to one connection. */
  hop: 11,
  /** Asks the router for the version that answers. */
  debug: 12,
  /** Marks copies that the router sends; of clients it means nothing. */
  mirror: 13,
} as const;

const names: Readonly<Record<string, number>> = {
  host: fieldKind.host,
  connection: fieldKind.connection,
  'content-length': fieldKind.contentLength,
  'transfer-encoding': fieldKind.transferEncoding,
  upgrade: fieldKind.upgrade,
  expect: fieldKind.expect,
  'keep-alive': fieldKind.keepAlive,
  'x-forwarded-for': fieldKind.forwardedFor,
  'x-forwarded-proto': fieldKind.forwardedProto,
  'x-forwarded-host': fieldKind.forwardedHost,
  [debugHeader]: fieldKind.debug,
  [mirrorHeader.toLowerCase()]: fieldKind.mirror,
  te: fieldKind.hop,
  'proxy-connection': fieldKind.hop,
  'proxy-authenticate': fieldKind.hop,
};

interface Candidate {
  readonly name: Uint8Array;
  readonly kind: number;
}

const byLength: readonly (readonly Candidate[])[] = Array.from({ length: 20 }, (_, length) =>
  Object.entries(names)
    .filter(([name]) => name.length === length)
    .map(([name, kind]) => ({ name: Buffer.from(name, 'latin1'), kind })),
);

/** The kind of the field whose name, a valid token, stands at `start` … `end`. */
export function kindOfField(bytes: Uint8Array, start: number, end: number): number {
  const candidates = byLength[end - start];
  if (candidates === undefined) return fieldKind.other;
  for (let i = 0; i < candidates.length; i += 1) {
    const { name, kind } = candidates[i] as Candidate;
    let at = 0;
    while (at < name.length && tokenByte[bytes[start + at] as number] === name[at]) at += 1;
    if (at === name.length) return kind;
  }
  return fieldKind.other;
}
