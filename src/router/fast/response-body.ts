import { chunkedLength, noLength } from './framing.ts';

/** The body goes on until the connection ends. */
export const untilClose = -3;

/**
 * How a response ends (RFC 9112, 6.3), given the method that was asked and what the fields of its head say: a length from
 * 0 up, `chunkedLength` or `untilClose`.
 */
export function responseBody(method: string, status: number, length: number): number {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
  if (length === chunkedLength) return chunkedLength;
  return length === noLength ? untilClose : length;
}
