import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate and its key, both PEM, made for a test. */
export interface SelfSigned {
  readonly certificate: string;
  readonly key: string;
}

const dayMs = 86_400_000;

/** Signed by itself for these host names; valid from a day ago until tomorrow unless said otherwise (ms since 1970). */
export function selfSigned(
  names: readonly string[],
  valid: { readonly from?: number; readonly to?: number } = {},
): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { from = Date.now() - dayMs, to = Date.now() + dayMs } = valid;
  const name = sequence(set(sequence(objectId('55 04 03'), der(0x0c, Buffer.from(names[0] ?? 'test')))));
  const altNames = sequence(...names.map((one) => der(0x82, Buffer.from(one))));
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(objectId('55 1d 11'), der(0x04, altNames)))),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', toSign, privateKey)]));
  return {
    certificate: pem('CERTIFICATE', sequence(toSign, ecdsaWithSha256, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Distinguished Encoding Rules (X.690): tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const lengths = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...lengths]), body]);
}

function sequence(...content: readonly Uint8Array[]): Buffer {
  return der(0x30, ...content);
}

function set(...content: readonly Uint8Array[]): Buffer {
  return der(0x31, ...content);
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const ecdsaWithSha256 = sequence(objectId('2a 86 48 ce 3d 04 03 02'));
