import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { askStatus } from './ask-status.ts';

/** What a probe says of a server that answers with these parts, and what it was asked. */
async function asked(
  parts: readonly string[],
  path = '/healthz',
): Promise<{ readonly answer: number | Error; readonly request: string }> {
  let request = '';
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', async (data) => {
      request = data.toString();
      for (const part of parts) {
        socket.write(part);
        await new Promise(setImmediate);
      }
      socket.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<number | Error>((resolve) => {
    askStatus({ host: '127.0.0.1', port, path, userAgent: 'test' }, resolve);
  });
  server.close();
  return { answer, request };
}

describe('the question for a status', () => {
  it('reads the status of an answer, in however many parts it comes', async () => {
    const whole = 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n';
    assert.equal((await asked([whole])).answer, 204);
    assert.equal((await asked([...whole])).answer, 204);
    assert.equal((await asked(['HTTP/1.0 503\r\n\r\nbusy'])).answer, 503);
    assert.equal((await asked(['HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n'])).answer, 301);
  });

  it('waits for the answer behind interim ones, and takes an upgrade for what it is', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    assert.equal((await asked([`${early}${early}HTTP/1.1 200 OK\r\n\r\n`])).answer, 200);
    assert.equal((await asked(['HTTP/1.1 101 Switching Protocols\r\n\r\n'])).answer, 101);
    assert.ok((await asked([early])).answer instanceof Error);
  });

  it('finds nothing good in what is not a whole head of HTTP/1', async () => {
    const bad = [
      '',
      'HTTP/1.1 200 OK\r\nX: y\r\n',
      'SSH-2.0-x\r\n\r\n',
      'HTTP/2 200\r\n\r\n',
      'HTTP/1.1 20 OK\r\n\r\n',
    ];
    for (const text of bad) assert.ok((await asked([text])).answer instanceof Error, text);
    assert.ok((await asked([`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`])).answer instanceof Error);
  });

  it('tells when nobody listens, and nothing once it was ended', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const question = { host: '127.0.0.1', port, path: '/', userAgent: 'test' };
    askStatus(question, () => assert.fail('it was ended'))();
    server.close();
    await once(server, 'close');
    const answer = await new Promise<number | Error>((resolve) => askStatus(question, resolve));
    assert.equal((answer as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  });

  it('asks for the path and lets nothing in it become another line', async () => {
    const { request } = await asked(['HTTP/1.1 200 OK\r\n\r\n'], '/a b\r\nX: y?ü=1');
    assert.match(
      request,
      /^GET \/a%20b%0D%0AX:%20y\?%C3%BC=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nUser-Agent: test\r\n/,
    );
  });
});
