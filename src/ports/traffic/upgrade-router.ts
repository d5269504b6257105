import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { version } from '../../disk/version.ts';
import type { RouterStatus } from '../../router/control-server.ts';
import type { EngineName } from '../../router/engine.ts';
import { keptSettings } from '../../router/router-settings.ts';
import { socketPathFor } from '../../router/socket-path.ts';
import type { Upgraded, UpgradeRequest } from '../../router/successor.ts';
import { type ControlDoor, callRouter } from './control-client.ts';
import { recordRouter } from './router-record.ts';

export interface UpgradeOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  /** How long requests and WebSockets of before may last. Default an hour. */
  readonly deadlineMs?: number;
  /** Stops waiting for an answer; the router goes on. */
  readonly signal?: AbortSignal;
}

/** What runs, and what an upgrade would put in its place. */
export interface UpgradePlan {
  readonly from: RouterFacts & { readonly pid: number };
  readonly to: RouterFacts;
}

export interface RouterFacts {
  /** Null: of one that does not say, and cannot hand over. */
  readonly version: string | null;
  readonly engine: EngineName | null;
}

/** Longer than a router tries. */
const upgradeMs = 25_000;

/** Rejects with `router-unreachable`. */
export async function planUpgrade(options: UpgradeOptions): Promise<UpgradePlan> {
  const status = (await callRouter(doorOf(options), { method: 'GET', path: ['status'] })) as RouterStatus;
  const { engine } = await keptSettings(options.stateDir);
  const from = { pid: status.pid, version: status.version ?? null, engine: status.engine ?? null };
  return { from, to: { version, engine } };
}

/** The running router is not what would start now. */
export function isDue({ from, to }: UpgradePlan): boolean {
  return from.version !== to.version || from.engine !== to.engine;
}

/**
 * Puts a router of this version, with the settings that are kept, in the place of the running one, without a lost
 * connection. Requests and WebSockets that began there end there, after the deadline at the latest. Rejects with
 * `router-unreachable`, `router-upgrading`, `router-upgrade-failed`, or `router-not-upgradable` for one that does not know
 * how; then the running router goes on as before.
 */
export async function upgradeRouter(
  options: UpgradeOptions,
): Promise<UpgradePlan & { readonly to: Upgraded }> {
  const { deadlineMs } = options;
  const plan = await planUpgrade(options);
  if (plan.from.version === null) throw notUpgradable();
  const here = fileURLToPath(import.meta.url);
  const body: UpgradeRequest = {
    execPath: process.execPath,
    entry: fileURLToPath(new URL(`../../router/main-router${extname(here)}`, import.meta.url)),
    ...(deadlineMs !== undefined && { deadlineMs }),
  };
  const asked = { method: 'POST', path: ['upgrade'], body, timeoutMs: upgradeMs } as const;
  const upgraded = (await callRouter(doorOf(options), asked)) as Upgraded;
  await recordRouter(resolve(options.stateDir), upgraded.pid);
  return { ...plan, to: { ...plan.to, ...upgraded } };
}

function doorOf({ stateDir, clock, signal }: UpgradeOptions): ControlDoor {
  return { socketPath: socketPathFor(resolve(stateDir), 'router'), clock, ...(signal && { signal }) };
}

function notUpgradable(): SluiceError {
  return new SluiceError({
    code: 'router-not-upgradable',
    message: 'The running router is of a version that cannot hand over to another.',
    remedy: 'At a quiet time run `sluice down` and then any command: a new router starts.',
  });
}
