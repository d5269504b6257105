import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SluiceError } from '../base/sluice-error.ts';
import type { EngineApi } from '../engine/api.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { callController } from './socket-client.ts';
import { serveSocket } from './socket-server.ts';

test('an answer of several megabytes, not all ASCII, comes whole', async (t) => {
  const text = 'größer · '.repeat(500_000);
  const stateDir = await serving(t, {
    report: async ({ rollout }: { rollout?: string }) => ({ rollout: rollout ?? '', text }),
  });
  const answer = await callController(stateDir, 'report', { rollout: 'Größe' });
  assert.equal(answer.rollout, 'Größe');
  assert.ok(answer.text === text, 'the text is not the one that was sent');
});

test('the controller learns which user calls, and the proof is used up', async (t) => {
  const stateDir = await directory(t);
  let caller = '';
  await listening(t, stateDir, (user) => {
    caller = user;
    return { incidents: async () => [] };
  });
  assert.deepEqual(await callController(stateDir, 'incidents', {}), []);
  assert.equal(caller, userInfo().username);
  assert.deepEqual(await readdir(join(stateDir, 'callers')), []);
});

test('an error of the controller arrives with its code and remedy', async (t) => {
  const stateDir = await serving(t, {
    pause: async () => {
      throw new SluiceError({ code: 'no-rollout', message: 'None is running.', remedy: 'Start one.' });
    },
  });
  const paused = callController(stateDir, 'pause', { service: 'web', to: 'production' });
  await assert.rejects(paused, { code: 'no-rollout', message: 'None is running.', remedy: 'Start one.' });
});

test('where nobody listens the call was not sent, and leaves no proof behind', async (t) => {
  const stateDir = await directory(t);
  const asked = callController(stateDir, 'status', {});
  await assert.rejects(asked, { code: 'controller-unreachable', details: { sent: false } });
  assert.deepEqual(await readdir(stateDir), []);
});

for (const [name, answer] of Object.entries({
  'before its answer': '',
  'in the head of its answer': 'HTTP/1.1 200 OK\r\nContent-Type: applic',
  'in the body of its answer': 'HTTP/1.1 200 OK\r\n\r\n{"ok":true,"result":[{"target":"web@pro',
})) {
  test(`a controller that dies ${name} leaves open whether the call was carried out`, async (t) => {
    const stateDir = await directory(t);
    const server = createServer((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    server.listen(socketPathFor(stateDir, 'controller'));
    await once(server, 'listening');
    t.after(() => closed(server));
    const asked = callController(stateDir, 'status', {});
    await assert.rejects(asked, { code: 'controller-unreachable', details: { sent: true } });
  });
}

async function serving(t: TestContext, api: object): Promise<string> {
  const stateDir = await directory(t);
  await listening(t, stateDir, () => api);
  return stateDir;
}

async function listening(t: TestContext, stateDir: string, apiOf: (user: string) => object): Promise<void> {
  const server = await serveSocket({
    socketPath: socketPathFor(stateDir, 'controller'),
    stateDir,
    apiOf: (user) => apiOf(user) as EngineApi,
  });
  t.after(() => closed(server));
}

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-socket-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function closed(server: Pick<Server, 'close'>): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
