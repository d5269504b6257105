import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type RequestOptions,
  request,
  type Server,
} from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import type { InstanceCounts } from '../../base/counts.ts';
import type { InstanceId, TargetId } from '../../base/ids.ts';
import type { Backend, RouteTable } from '../../base/route-table.ts';
import { createEngine, defaultEngine, engineNames } from '../../router/create-engine.ts';
import type { EngineName } from '../../router/engine.ts';
import { startRouter } from '../../router/router.ts';
import { callRouter } from './control-client.ts';
import type { Traffic } from './port.ts';
import { openRouterTraffic } from './router-traffic.ts';

export const web = 'web@production' as TargetId;
export const instance = (name: string): InstanceId => name as InstanceId;

/** An instance of the tests: answers `/healthz` as told, and everything else with its handler. */
export interface TestBackend extends Backend {
  readonly server: Server;
  healthy: boolean;
  readonly seen: { method: string; url: string; headers: IncomingHttpHeaders }[];
  stop(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** A router in this process, its door, and what a test needs around it. Everything ends with the test. */
export class RouterWorld {
  readonly stateDir: string;
  readonly listen: string;
  readonly traffic: Traffic;
  readonly socketPath: string;
  readonly engine: EngineName;
  #router: Awaited<ReturnType<typeof startRouter>> | null = null;
  #agent = new Agent({ keepAlive: true, maxSockets: 50 });
  #version = 0;
  #backends: TestBackend[] = [];

  private constructor(stateDir: string, port: number, engine: EngineName) {
    this.engine = engine;
    this.stateDir = stateDir;
    this.listen = `127.0.0.1:${port}`;
    this.socketPath = join(stateDir, 'router.sock');
    this.traffic = openRouterTraffic({ socketPath: this.socketPath, clock: systemClock });
  }

  static async open(test?: TestContext, engine: EngineName = defaultEngine): Promise<RouterWorld> {
    const stateDir = await mkdtemp(join(tmpdir(), 'sluice-router-'));
    const world = new RouterWorld(stateDir, await freePort(), engine);
    test?.after(() => world.close());
    await world.start();
    return world;
  }

  async start(): Promise<void> {
    const { stateDir, socketPath } = this;
    const engine = createEngine(this.engine, systemClock);
    this.#router = await startRouter({
      stateDir,
      socketPath,
      clock: systemClock,
      random: Math.random,
      engine,
    });
  }

  async stop({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#router?.close({ graceMs });
    this.#router = null;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.traffic.close();
    await this.stop();
    for (const backend of this.#backends) await backend.stop();
    await rm(this.stateDir, { recursive: true, force: true });
  }

  async backend(name: string, handler?: RequestListener, generation = 'R-0'): Promise<TestBackend> {
    const answer: RequestListener = handler ?? ((_asked, response) => void response.end(name));
    const server = createServer((asked, response) => {
      if (asked.url === '/healthz') {
        response.writeHead(backend.healthy ? 200 : 503).end();
        return;
      }
      backend.seen.push({ method: asked.method ?? '', url: asked.url ?? '', headers: asked.headers });
      answer(asked, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const backend: TestBackend = {
      instance: instance(name),
      generation,
      address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      server,
      healthy: true,
      seen: [],
      stop: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
    this.#backends.push(backend);
    return backend;
  }

  /** The next version of a table that serves everything from `stable`. */
  table(over: Partial<RouteTable> = {}): RouteTable {
    this.#version += 1;
    const { stable = [], candidate = [] } = over;
    return {
      ...plainTable(this.listen),
      version: this.#version,
      ...over,
      stable: stable.map(plain),
      candidate: candidate.map(plain),
    };
  }

  async apply(over: Partial<RouteTable> = {}): Promise<RouteTable> {
    const table = this.table(over);
    await this.traffic.apply(table);
    return table;
  }

  get(path: string, options: RequestOptions = {}, body?: string): Promise<Reply> {
    return ask({ agent: this.#agent, ...target(this.listen), path, ...options }, body);
  }

  async counted(name: string): Promise<InstanceCounts | undefined> {
    return (await this.traffic.counts(web)).instances.find((one) => one.instance === name);
  }

  status(): Promise<unknown> {
    return callRouter(
      { socketPath: this.socketPath, clock: systemClock },
      { method: 'GET', path: ['status'] },
    );
  }
}

/** What holds of a router whatever engine carries its bytes. */
export function onEachEngine(title: string, run: (world: RouterWorld) => Promise<void>): void {
  for (const engine of engineNames) {
    it(`${title} (${engine} engine)`, async (test) => run(await RouterWorld.open(test, engine)));
  }
}

export function plainTable(listen: string): RouteTable {
  return {
    target: web,
    fence: 1,
    version: 1,
    listen,
    hosts: [],
    pathPrefix: '/',
    mode: 'serve',
    stable: [],
    candidate: [],
    candidateWeight: 0,
    match: [],
    affinity: { kind: 'none' },
    probe: { path: '/healthz', intervalMs: 50, timeoutMs: 500, failures: 2, successes: 2 },
    limits: {
      headBytes: 16_384,
      bodyBytes: 0,
      clientHeadMs: 10_000,
      upstreamHeadMs: 10_000,
      idleMs: 60_000,
      pauseMs: 10_000,
      pausedRequests: 1_000,
    },
  };
}

export function ask(options: RequestOptions, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Asks again until it holds, for at most `boundMs` (default 5 s). */
export async function eventually(holds: () => Promise<boolean>, boundMs = 5_000): Promise<void> {
  const until = performance.now() + boundMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`it did not come true in ${boundMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Outside of the range from which connections of other tests take their ports, so that nobody has it a moment later. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const server = createTcpServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

export function target(listen: string): { readonly host: string; readonly port: number } {
  const [host = '', port = ''] = listen.split(':');
  return { host, port: Number(port) };
}

function plain({ instance, generation, address, version }: Backend): Backend {
  return { instance, generation, address, ...(version !== undefined && { version }) };
}
