import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isErrorFacts } from '../base/sluice-error.ts';
import { openAccessToken } from './access-token.ts';
import { guardRequest } from './guard-request.ts';
import { parseListenAddress } from './listen-address.ts';

const door = { port: 4711, token: 'a-token-that-is-long-enough-for-a-test' };
const authorization = `Bearer ${door.token}`;

describe('a request over HTTP', () => {
  const rows: readonly (readonly [what: string, headers: Record<string, string>, answer: string | null])[] = [
    ['comes in with the address and the token', { host: '127.0.0.1:4711', authorization }, null],
    ['may say localhost', { host: 'localhost:4711', authorization }, null],
    ['may say it in the other family', { host: '[::1]:4711', authorization }, null],
    [
      'may come from a page of the door itself',
      { host: 'localhost:4711', origin: 'http://localhost:4711', authorization },
      null,
    ],
    ['needs a token', { host: '127.0.0.1:4711' }, 'token-wrong'],
    ['needs the right token', { host: '127.0.0.1:4711', authorization: 'Bearer guess' }, 'token-wrong'],
    ['needs it in the right scheme', { host: '127.0.0.1:4711', authorization: door.token }, 'token-wrong'],
    ['needs a host', { authorization }, 'host-foreign'],
    ['for another name is not taken', { host: 'evil.example:4711', authorization }, 'host-foreign'],
    ['for another port is not taken', { host: '127.0.0.1:80', authorization }, 'host-foreign'],
    [
      'for a name that only looks like this machine is not taken',
      { host: '127.0.0.1.evil.example:4711', authorization },
      'host-foreign',
    ],
    [
      'from a foreign page is not taken, with the token neither',
      { host: '127.0.0.1:4711', origin: 'https://evil.example', authorization },
      'origin-foreign',
    ],
    [
      'from a page that hides its origin is not taken',
      { host: '127.0.0.1:4711', origin: 'null', authorization },
      'origin-foreign',
    ],
  ];
  for (const [what, headers, answer] of rows) {
    it(what, () => assert.equal(guardRequest(headers, door)?.code ?? null, answer));
  }
});

describe('the address to listen on', () => {
  it('is one of this machine', () => {
    assert.deepEqual(parseListenAddress('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
    assert.deepEqual(parseListenAddress('[::1]:8080'), { host: '::1', port: 8080 });
    assert.deepEqual(parseListenAddress('localhost:1'), { host: 'localhost', port: 1 });
  });

  it('is refused where others could reach it, or where it is none', () => {
    for (const text of [
      '0.0.0.0:80',
      '[::]:80',
      '192.168.1.4:80',
      'example.org:1',
      '127.0.0.1',
      ':80',
      'x:99999',
    ])
      assert.throws(
        () => parseListenAddress(text),
        (error) => isErrorFacts(error) && error.code === 'listen-invalid',
        text,
      );
  });
});

describe('the token', () => {
  it('is made once, for its owner alone, and stays the same', async (t) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'sluice-token-'));
    t.after(() => rm(stateDir, { recursive: true }));
    const [one, other] = await Promise.all([openAccessToken(stateDir), openAccessToken(stateDir)]);
    assert.equal(one.token, other.token);
    assert.equal((await stat(one.file)).mode & 0o777, 0o600);
  });

  it('is not used when others may read it', async (t) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'sluice-token-'));
    t.after(() => rm(stateDir, { recursive: true }));
    const { file } = await openAccessToken(stateDir);
    await chmod(file, 0o644);
    await assert.rejects(
      openAccessToken(stateDir),
      (error) => isErrorFacts(error) && error.code === 'token-unsafe',
    );
  });
});
