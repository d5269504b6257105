import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { metricsContract, now } from './contract.ts';
import { openExternalMetrics } from './external-metrics.ts';
import type { MetricSource } from './port.ts';

const home = await mkdtemp(join(tmpdir(), 'sluice-metrics-'));
after(() => rm(home, { recursive: true, force: true }));
const metrics = openExternalMetrics({ clock: systemClock });
let answer: RequestListener = (_, response) => response.end();
const server = createServer((request, response) => answer(request, response));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => {
  server.close();
  server.closeAllConnections();
});
const { port } = server.address() as { port: number };
const url = `http://127.0.0.1:${port}/metric`;

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
const command = (run: string, timeoutMs = 10_000): MetricSource => ({ kind: 'command', run, timeoutMs });
const http = (path = '', over: Partial<Extract<MetricSource, { kind: 'http' }>> = {}): MetricSource => ({
  ...{ kind: 'http', url, path, timeoutMs: 10_000 },
  ...over,
});
const measure = (source: MetricSource, env: Record<string, string> = {}) =>
  metrics.measure(source, { env, maxAgeMs: 60_000, at: now });

async function reasonOf(source: MetricSource): Promise<string> {
  const measured = await measure(source);
  assert.ok(measured.kind === 'error', JSON.stringify(measured));
  return measured.reason;
}

metricsContract('commands', async () => ({
  metrics,
  source: async (text) => command(text === null ? 'exit 3' : `printf %s ${quoted(text)}`),
}));

metricsContract('an HTTP source', async () => ({
  metrics,
  async source(text) {
    answer = (_, response) => void (text === null ? response.writeHead(500).end('down') : response.end(text));
    return http();
  },
}));

describe('a command as a source', () => {
  it('learns what it is asked about, and noise on standard error does not count', async () => {
    const measured = await measure(command('echo noise >&2; test "$SLUICE_ARM" = "can di" && echo 5'), {
      SLUICE_ARM: 'can di',
    });
    assert.ok(measured.kind === 'value', JSON.stringify(measured));
    assert.equal(measured.value, 5);
  });

  it('tells the exit code and what was said, without secrets and on one line', async () => {
    const reason = await reasonOf(
      command('printf "no\\nway\\033[31m token=abc123 https://u:p@h/x?k=v" >&2; exit 7'),
    );
    assert.match(reason, /exit code 7: no way \[31m token=\*\*\*/);
    assert.doesNotMatch(reason, /abc123|u:p|k=v/);
  });

  it('is ended with all its children at the deadline', async () => {
    const reason = await reasonOf(command('sleep 300 & echo 1; sleep 300', 200));
    assert.match(reason, /within 200 ms/);
  });

  it('does not wait for what it left in the background', async () => {
    const pidFile = join(home, 'pid');
    const measured = await measure(command(`sleep 60 & echo $! > ${quoted(pidFile)}; echo 4`, 30_000));
    assert.equal(measured.kind, 'value');
    // Still there, so it was not waited for; kill throws when it is not.
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
  });

  it('is ended when it prints without an end', async () => {
    assert.match(await reasonOf(command('yes')), /signal/);
  });

  it('names a command that does not exist by its exit code', async () => {
    assert.match(await reasonOf(command('no-such-command-here')), /127/);
  });
});

describe('an HTTP source', () => {
  it('is read at a dotted path or a JSON pointer', async () => {
    answer = (_, response) => response.end('{"data":{"result":[{"value":[1800000000,"0.5"]}],"a/b":{"":2}}}');
    for (const [path, value] of [
      ['data.result[0].value.1', 0.5],
      ['$.data.result.0.value[1]', 0.5],
      ['/data/result/0/value/1', 0.5],
      ['/data/a~1b/', 2],
    ] as const) {
      const measured = await measure(http(path));
      assert.ok(measured.kind === 'value', JSON.stringify(measured));
      assert.equal(measured.value, value);
    }
    for (const path of ['data.nothing', 'data.result.7', 'data.result.length', '__proto__', '/data/']) {
      assert.match(await reasonOf(http(path)), /without/);
    }
  });

  it('heeds the time beside the value that the path names', async () => {
    answer = (_, response) => response.end(JSON.stringify({ m: { value: 1, at: now - 3_600_000 } }));
    assert.equal((await measure(http('m.value'))).kind, 'stale');
    assert.equal((await measure(http('m'))).kind, 'stale');
  });

  it('is asked about what the names in its URL stand for', async () => {
    answer = (request, response) =>
      response.end(request.url === '/metric?v=1.0%20%26x' ? '1' : `"${request.url}"`);
    const source = http('', { url: `${url}?v={SLUICE_VERSION}` });
    assert.equal((await measure(source, { SLUICE_VERSION: '1.0 &x' })).kind, 'value');
    assert.match(await reasonOf(source), /SLUICE_VERSION/);
  });

  it('is an error when it redirects, is not JSON, is huge, or never answers', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/elsewhere' }).end('1');
    assert.match(await reasonOf(http()), /302.*redirects/);
    answer = (_, response) => response.end('<html>');
    assert.match(await reasonOf(http()), /not JSON/);
    answer = (_, response) => response.end(`"${'x'.repeat(1_100_000)}"`);
    assert.match(await reasonOf(http()), /larger/);
    answer = () => {};
    assert.match(await reasonOf(http('', { timeoutMs: 100 })), /within 100 ms/);
    answer = (_, response) => void response.write('{');
    assert.match(await reasonOf(http('', { timeoutMs: 100 })), /within 100 ms/);
    answer = (request) => request.socket.destroy();
    assert.match(await reasonOf(http()), /failed/);
  });

  it('never tells more of its URL than the host', async () => {
    answer = (_, response) => response.writeHead(403).end('no');
    const secret = http('', { url: `http://ann:pass1@127.0.0.1:${port}/hook/secret2?key=secret3` });
    assert.doesNotMatch(await reasonOf(secret), /ann|pass1|secret/);
    assert.match(await reasonOf(http('', { url: 'file:///etc/passwd' })), /not an http/);
    assert.match(await reasonOf(http('', { url: 'nonsense' })), /not an http/);
  });
});
