import type { Server } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { RouteTable } from '../base/route-table.ts';
import { noTarget } from './answers.ts';
import type { Certificates } from './certificates.ts';
import type { Decision, Engine, Listening, RequestHead, Site } from './engine.ts';
import type { Target } from './target.ts';

/** One listening address and the targets that share it, told apart by host and path. */
export class Listener implements Site {
  readonly address: string;
  #certificates: Certificates;
  #targets: readonly Target[] = [];
  #listening: Listening | null = null;

  constructor(address: string, certificates: Certificates) {
    this.address = address;
    this.#certificates = certificates;
  }

  get isOpen(): boolean {
    return this.#listening !== null;
  }

  /** What another process needs to accept here too. */
  get server(): Server | null {
    return this.#listening?.server ?? null;
  }

  /** Rejects with `listen-failed`. `from`: as `Engine.listen` says. */
  async open(engine: Engine, tables: readonly RouteTable[], from?: Server): Promise<void> {
    this.#listening = await engine.listen(this.address, this, from);
    this.#setLimits(tables);
  }

  /** The targets that are served from now on; named hosts before any host, longer paths before shorter ones. */
  serve(targets: readonly Target[]): void {
    this.#targets = [...targets].sort(
      ({ table: a }, { table: b }) =>
        Number(b.hosts.length > 0) - Number(a.hosts.length > 0) || b.pathPrefix.length - a.pathPrefix.length,
    );
    this.#setLimits(this.#targets.map(({ table }) => table));
  }

  /** As soon as one of the targets has a certificate, all of them are served over TLS here. */
  secureContext(servername: string | null): SecureContext | null {
    let first: SecureContext | null = null;
    for (const { table } of this.#targets) {
      const context = this.#certificates.contextOf(table.target);
      if (context === null) continue;
      if (servername !== null && names(table, servername)) return context;
      first ??= context;
    }
    return first;
  }

  decide(head: RequestHead): Decision {
    for (const target of this.#targets) if (isFor(target.table, head)) return target.decide(head);
    return { kind: 'answer', answer: noTarget(head.host) };
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  async handOver(): Promise<void> {
    await this.#listening?.handOver();
  }

  destroy(): void {
    this.#listening?.destroy();
  }

  #setLimits(tables: readonly RouteTable[]): void {
    if (tables.length === 0) return;
    this.#listening?.setLimits({
      headBytes: Math.max(...tables.map(({ limits }) => limits.headBytes)),
      clientHeadMs: Math.max(...tables.map(({ limits }) => limits.clientHeadMs)),
    });
  }
}

/** Both answer the same requests: one listener cannot tell them apart. */
export function collide(a: RouteTable, b: RouteTable): boolean {
  if (a.target === b.target || a.listen !== b.listen || normal(a.pathPrefix) !== normal(b.pathPrefix))
    return false;
  if (a.hosts.length === 0 || b.hosts.length === 0) return a.hosts.length === b.hosts.length;
  const hosts = new Set(a.hosts.map((host) => host.toLowerCase()));
  return b.hosts.some((host) => hosts.has(host.toLowerCase()));
}

function isFor({ hosts, pathPrefix }: RouteTable, head: RequestHead): boolean {
  if (hosts.length > 0 && !hosts.some((host) => host.toLowerCase() === head.host)) return false;
  const prefix = normal(pathPrefix);
  if (prefix === '' || !head.path.startsWith(prefix)) return prefix === '';
  const next = head.path[prefix.length];
  return next === undefined || next === '/' || next === '?';
}

function names({ hosts }: RouteTable, servername: string): boolean {
  return hosts.some((host) => host.toLowerCase() === servername.toLowerCase());
}

function normal(pathPrefix: string): string {
  return pathPrefix.replace(/\/+$/, '');
}
