import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningProcesses } from '../src/daemon/running-processes.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { pssKb, rssKb } from './process-figures.ts';
import { ServedProject } from './served-project.ts';
import { WatchedSocket } from './watched-socket.ts';

const idleConnections = 10_000;
const webSockets = 1_000;
const drainMs = 8_000;
const health = { path: '/healthz', interval: '250ms', successes: 2 };

/** What a connection that waits costs the router, and whether WebSockets outlive a promote until their drain deadline. */
export async function bench(): Promise<BenchResult> {
  const project = await ServedProject.make(
    {
      replicas: 2,
      strategy: { kind: 'canary', steps: [{ setWeight: '30%' }, { pause: 'until-resumed' }] },
      soak: '0s',
      // Without warm standby: what was stable is drained at once.
      rollbackWindow: '0s',
    },
    { health, ready: { ...health, interval: '50ms' }, drainDeadline: `${drainMs}ms` },
  );
  try {
    for (const unit of ['U-1', 'U-2']) await project.add(unit, 0);
    await project.begin('U-1');
    const idle = await measureIdle(project);
    const sockets = await measureSockets(project);
    return resultOf(
      [
        { key: 'kbPerConnection', value: idle.kbPerConnection, relation: '<=', limit: 10 },
        { key: 'droppedBeforeDeadline', value: sockets.dropped, relation: '<=', limit: 0 },
      ],
      [idle.line, ...sockets.lines],
    );
  } finally {
    await project.close();
  }
}

async function measureIdle(
  project: ServedProject,
): Promise<{ readonly kbPerConnection: number | null; readonly line: string }> {
  const { router } = await runningProcesses(project.stateDir);
  if (router === null) throw new Error('no router runs');
  const port = Number(new URL(project.url).port);
  await warmUp(port);
  const before = { rss: await rssKb(router), pss: await pssKb(router) };
  const sockets = await open(port, idleConnections);
  await sleep(8_000);
  const rss = ((await rssKb(router)) - before.rss) / idleConnections;
  const pss = ((await pssKb(router)) - before.pss) / idleConnections;
  const alive = sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length;
  for (const socket of sockets) socket.destroy();
  return {
    kbPerConnection: alive === idleConnections ? rss : null,
    line: `${alive} of ${idleConnections} idle connections, each after one request: ${rss.toFixed(2)} KB of resident memory each (proportional: ${pss.toFixed(2)})`,
  };
}

/** What the router needs once, whoever comes: code that is compiled, a heap that many requests have used. */
async function warmUp(port: number): Promise<void> {
  const sockets = await open(port, 50);
  const ask = async (socket: Socket) => {
    for (let request = 0; request < 400; request += 1) {
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      await once(socket, 'data');
    }
    socket.destroy();
  };
  await Promise.all(sockets.map(ask));
  await sleep(3_000);
}

/** Connections that have had one whole answer and wait. */
async function open(port: number, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  const each = async () => {
    while (sockets.length < count) {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      if (!answer.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error(`answered: ${answer}`);
      socket.on('error', () => {});
      socket.resume();
    }
  };
  await Promise.all(Array.from({ length: 50 }, each));
  return sockets;
}

async function measureSockets(
  project: ServedProject,
): Promise<{ readonly dropped: number | null; readonly lines: readonly string[] }> {
  const before = await openSockets(project, webSockets / 2);
  const rollout = await project.deploy('U-2');
  await project.untilTraffic(rollout);
  const sockets = [...before, ...(await openSockets(project, webSockets / 2))];
  const promotedAt = performance.now();
  await project.steer('promote');
  const { ending } = await project.ended(rollout);
  await sleep(Math.max(0, promotedAt + drainMs + 10_000 - performance.now()));
  const open = sockets.filter(({ endedAt }) => endedAt === null);
  // Draining begins after the promote was asked for: nothing may have ended so soon.
  const dropped = sockets.filter(({ endedAt }) => endedAt !== null && endedAt < promotedAt + drainMs);
  const old = open.filter(({ release }) => release !== 'U-2').length;
  const ends = sockets.flatMap(({ endedAt }) => (endedAt === null ? [] : [(endedAt - promotedAt) / 1_000]));
  const mute = sockets.filter(({ lostMessages }) => lostMessages > 0).length;
  for (const socket of sockets) socket.end();
  const onCandidate = sockets.filter(({ release }) => release === 'U-2').length;
  const candidateEnded = sockets.filter(
    ({ release, endedAt }) => release === 'U-2' && endedAt !== null,
  ).length;
  return {
    dropped: ending === 'succeeded' ? dropped.length + candidateEnded + mute : null,
    lines: [
      `${sockets.length} WebSockets, ${onCandidate} of them on the candidate, each sending a message a second, over a promote that ${ending}`,
      `${dropped.length} ended before the drain deadline of ${drainMs / 1_000} s, ${mute} missed an answer, ${candidateEnded} of the candidate ended; ${ends.length} ended ${ends.length === 0 ? '' : `${Math.min(...ends).toFixed(1)} to ${Math.max(...ends).toFixed(1)} s after the promote`}; ${old} of the old release are still there`,
    ],
  };
}

async function openSockets(project: ServedProject, count: number): Promise<readonly WatchedSocket[]> {
  const sockets: WatchedSocket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(50, count - sockets.length) }, () =>
      WatchedSocket.open(project.url),
    );
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}
