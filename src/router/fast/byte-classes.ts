/** For each byte: 0 where it may not stand in a token (RFC 9110, 5.6.2), else the byte in small letters. */
export const tokenByte = new Uint8Array(256);
/** 1 for what a field value or a reason is made of: HTAB, SP to ~, and the upper half (obs-text). */
export const valueByte = new Uint8Array(256);
/** 1 for what a request target is made of: visible ASCII but `#`, because a fragment is never sent. */
export const targetByte = new Uint8Array(256);
/** For each byte the value of a hexadecimal digit, and 255 for all others. */
export const hexValue = new Uint8Array(256).fill(255);

export const htab = 9;
export const lf = 10;
export const cr = 13;
export const sp = 32;
export const colon = 58;

/** What a reader gives instead of a position. */
export const incomplete = -1;
export const malformed = -2;

for (let byte = 0; byte < 256; byte += 1) {
  const char = String.fromCharCode(byte);
  if (/[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(char)) tokenByte[byte] = char.toLowerCase().charCodeAt(0);
  if (byte === htab || (byte >= sp && byte !== 127)) valueByte[byte] = 1;
  if (byte > sp && byte < 127 && char !== '#') targetByte[byte] = 1;
  if (/[0-9a-fA-F]/.test(char)) hexValue[byte] = Number.parseInt(char, 16);
}
