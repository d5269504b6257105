import { Agent, type ClientRequest, type RequestOptions, request } from 'node:http';
import { parseHostPort } from './host-port.ts';

/** Below the five seconds after which a Node server closes an idle connection, so that reuse seldom meets a closing one. */
const idleConnectionMs = 4_000;
const upstreamHeadBytes = 128 * 1024;

/** Kept connections for each instance address. */
export class BackendAgents {
  #agents = new Map<string, Kept>();
  #idleMs: number;

  /** How long a connection is kept that nobody uses, milliseconds. */
  constructor(idleMs = idleConnectionMs) {
    this.#idleMs = idleMs;
  }

  /** A request to `address`; `fresh` gives it a connection of its own. */
  request(address: string, fresh: boolean, options: RequestOptions): ClientRequest {
    const { host, port, agent } = this.#kept(address);
    return request({
      ...options,
      host,
      port,
      agent: fresh ? false : agent,
      maxHeaderSize: upstreamHeadBytes,
    });
  }

  /** Closes the idle connections; those in use end with their exchange. */
  retire(address: string): void {
    const kept = this.#agents.get(address);
    this.#agents.delete(address);
    if (kept === undefined) return;
    kept.agent.keepAlive = false;
    for (const sockets of Object.values(kept.agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }

  close(): void {
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #kept(address: string): Kept {
    let kept = this.#agents.get(address);
    if (kept === undefined) {
      kept = { ...parseHostPort(address), agent: keepingAgent(this.#idleMs) };
      this.#agents.set(address, kept);
    }
    return kept;
  }
}

interface Kept {
  readonly host: string;
  readonly port: number;
  readonly agent: KeepingAgent;
}

type KeepingAgent = Agent & { keepAlive: boolean };

function keepingAgent(idleMs: number): KeepingAgent {
  return new Agent({ keepAlive: true, timeout: idleMs, scheduling: 'lifo' }) as KeepingAgent;
}
