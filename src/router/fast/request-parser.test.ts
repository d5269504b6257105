import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incomplete, malformed } from './byte-classes.ts';
import { chunkedLength, noLength } from './framing.ts';
import { RequestParser } from './request-parser.ts';

const parser = new RequestParser();

function parse(text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  return parser.parse(bytes, 0, bytes.length);
}

const accepted: readonly (readonly [string, Partial<RequestParser>])[] = [
  [
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    { method: 'GET', path: '/', authority: 'a', length: noLength, minor: 1 },
  ],
  [
    'POST /x?y HTTP/1.1\r\nHOST:a:1\r\ncontent-length: 12 \r\n\r\n',
    { path: '/x?y', authority: 'a:1', length: 12 },
  ],
  [
    'PUT / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n',
    { authority: '[::1]', length: chunkedLength },
  ],
  ['GET http://b:2?q HTTP/1.1\r\nHost: a\r\n\r\n', { absolute: true, authority: 'b:2', path: '/?q' }],
  ['GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n', { absolute: true, authority: 'b', path: '/' }],
  ['OPTIONS * HTTP/1.0\r\n\r\n', { path: '*', authority: '', minor: 0 }],
];

describe('the request parser', () => {
  for (const [text, facts] of accepted) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(parse(text), text.length);
      for (const [key, value] of Object.entries(facts))
        assert.equal(parser[key as keyof RequestParser], value, key);
    });

    it(`wants more of every part of ${JSON.stringify(text)}`, () => {
      for (let end = 0; end < text.length; end += 1) assert.equal(parse(text.slice(0, end)), incomplete);
      assert.equal(parse(`${text}GET`), text.length);
    });
  }

  it('says what is wrong before the head is whole', () => {
    for (const [text, problem] of [
      ['get', null],
      ['get ', 'method'],
      ['THIS-IS-NO-METHOD-AT-ALL', 'method'],
      ['GET x ', 'target'],
      ['GET /\x00', 'target'],
      ['GET / HTTP/2', 'version'],
      ['GET / HTTP/1.1\n', 'version'],
      ['GET / HTTP/1.1\r\nA : ', 'fields'],
      ['GET / HTTP/1.1\r\nA: b\n', 'fields'],
    ] as const) {
      assert.equal(parse(text), problem === null ? incomplete : malformed, text);
      assert.equal(parser.problem, problem, text);
    }
  });

  it('reads 100,000 fields in one head', () => {
    const text = `GET / HTTP/1.1\r\nHost: a\r\n${'x: y\r\n'.repeat(100_000)}\r\n`;
    assert.equal(parse(text), text.length);
    assert.equal(parser.fields.count, 100_001);
    assert.equal(parser.fields.value(Buffer.from(text), 99_999), 'y');
  });
});
