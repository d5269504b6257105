import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { malformed } from './byte-classes.ts';
import { ChunkScanner } from './chunk-scanner.ts';

function scan(text: string, piece: number): { end: number; data: string; announced: number; done: boolean } {
  const scanner = new ChunkScanner();
  const bytes = Buffer.from(text, 'latin1');
  let data = '';
  let at = 0;
  while (at >= 0 && at < bytes.length && !scanner.done) {
    at = scanner.scan(bytes, at, Math.min(bytes.length, at + piece), (from, to) => {
      data += bytes.toString('latin1', from, to);
    });
  }
  return { end: at, data, announced: scanner.announced, done: scanner.done };
}

describe('the chunk scanner', () => {
  const body = '5\r\nhello\r\n00B;a;b=c;d="e f"\r\n0\r\n\r\nand al\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n';

  for (const piece of [1, 2, 3, 7, 1_000]) {
    it(`finds the end of a body that comes in pieces of ${piece}, and leaves the rest`, () => {
      const { end, data, announced, done } = scan(`${body}GET /`, piece);
      assert.deepEqual([end, data, announced, done], [body.length, 'hello0\r\n\r\nand al', 16, true]);
    });
  }

  it('wants more of every part', () => {
    for (let end = 0; end < body.length; end += 1) assert.equal(scan(body.slice(0, end), 9).done, false);
  });

  it('refuses long extensions and trailers, and sizes that are not exact', () => {
    for (const text of [
      `5;${'x'.repeat(5_000)}\r\nhello`,
      `${'1;x\r\n0\r\n'.repeat(3_000)}`,
      `0\r\n${'X: y\r\n'.repeat(4_000)}`,
      '10000000000000\r\n',
    ]) {
      assert.equal(scan(text, 1_000).end, malformed, text.slice(0, 20));
    }
  });
});
