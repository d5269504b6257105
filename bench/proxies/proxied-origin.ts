import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineNames } from '../../src/router/create-engine.ts';
import type { EngineName } from '../../src/router/engine.ts';
import { type Cores, twoSides } from './cores.ts';
import type { Forwarder, Place } from './forwarder.ts';
import type { LoadOrder, LoadReport } from './load-message.ts';
import { isInstalled, type Peer } from './peers.ts';
import { PlacedProcess } from './placed-process.ts';
import { startSluiceRouter } from './sluice-router.ts';

export interface Origin {
  readonly port: number;
  readonly pid: number;
}

/** An origin, the proxies in front of it, and who asks. The proxies share one core and are asked by turns. */
export class ProxiedOrigin {
  readonly cores: Cores | null;
  /** The origin itself, with nothing in between. */
  readonly origin: Origin;
  readonly engines: Readonly<Record<EngineName, Forwarder>>;
  /** Only those that this machine has. */
  readonly peers: ReadonlyMap<Peer, Forwarder>;
  #load: PlacedProcess;
  #opened: AsyncDisposableStack;

  private constructor(parts: Parts, opened: AsyncDisposableStack) {
    this.cores = parts.cores;
    this.origin = parts.origin;
    this.engines = parts.engines;
    this.peers = parts.peers;
    this.#load = parts.load;
    this.#opened = opened;
  }

  static async open(peers: readonly Peer[]): Promise<ProxiedOrigin> {
    await using opened = new AsyncDisposableStack();
    const parts = await start(peers, opened);
    return new ProxiedOrigin(parts, opened.move());
  }

  /** The process that asks. */
  get loadPid(): number {
    return this.#load.pid;
  }

  /** Rejects when a single request fails: a figure of a proxy that fails some says nothing. */
  async ask(order: LoadOrder): Promise<LoadReport> {
    const { child } = this.#load;
    const told = once(child, 'message');
    child.send(order);
    const [answer] = await this.#load.unlessItEnds(told);
    const report = answer as LoadReport;
    if (report.failed > 0) throw new Error(`${report.failed} requests to port ${order.port} failed`);
    return report;
  }

  close(): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** For people: who ran where. */
export function placementOf({ cores }: ProxiedOrigin): string {
  return cores === null
    ? 'Nobody is held to a core: this machine has one, or no taskset.'
    : `The proxies have core ${cores.proxies}, who asks and who answers core ${cores.others}.`;
}

interface Parts {
  readonly cores: Cores | null;
  readonly origin: Origin;
  readonly engines: Readonly<Record<EngineName, Forwarder>>;
  readonly peers: ReadonlyMap<Peer, Forwarder>;
  readonly load: PlacedProcess;
}

async function start(peers: readonly Peer[], opened: AsyncDisposableStack): Promise<Parts> {
  const cores = await twoSides();
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'sluice-bench-')));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const begin = (file: string) => {
    const path = join(import.meta.dirname, file);
    const begun = new PlacedProcess(cores?.others ?? null, process.execPath, [path], { ipc: true });
    opened.defer(() => begun.end());
    return begun;
  };
  const stable = await originOf(begin('origin.ts'));
  const candidate = await originOf(begin('origin.ts'));
  const place: Place = {
    directory,
    cores: cores?.proxies ?? null,
    stablePort: stable.port,
    candidatePort: candidate.port,
  };
  const keep = (proxy: Forwarder) => {
    opened.defer(() => proxy.close());
    return proxy;
  };
  const engines: Partial<Record<EngineName, Forwarder>> = {};
  for (const name of engineNames) engines[name] = keep(await startSluiceRouter(place, name));
  const found = new Map<Peer, Forwarder>();
  for (const peer of peers) if (isInstalled(peer)) found.set(peer, keep(await peer.start(place)));
  return {
    cores,
    origin: stable,
    engines: engines as Record<EngineName, Forwarder>,
    peers: found,
    load: begin('load.ts'),
  };
}

async function originOf(started: PlacedProcess): Promise<Origin> {
  const [port] = await started.unlessItEnds(once(started.child, 'message'));
  return { port: port as number, pid: started.pid };
}
