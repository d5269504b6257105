import type { MirrorCounts } from '../src/base/counts.ts';
import type { InstanceId } from '../src/base/ids.ts';
import { hasEnded } from '../src/base/instance-status.ts';
import type { RouteTable } from '../src/base/route-table.ts';
import type { JournalEvent } from '../src/journal/journal.ts';
import type { CommandRun } from '../src/ports/command/port.ts';
import type { InstanceObservation } from '../src/ports/runtime/port.ts';
import type { Ledger } from './ledger.ts';

/** What the world saw happen. A law is judged on these and on nothing that the product says of itself. */
export type Fact =
  /** `fence`: of the lease under which it was written. */
  | { readonly kind: 'event'; readonly event: JournalEvent; readonly fence: number }
  /** A controller took the lease. */
  | { readonly kind: 'lease'; readonly fence: number }
  /** The router took the table into force. */
  | { readonly kind: 'table'; readonly table: RouteTable; readonly before: RouteTable | null }
  /** The router is gone, and with it the requests that were in flight; `forgot`: its tables too. */
  | { readonly kind: 'router-lost'; readonly forgot: boolean }
  | { readonly kind: 'ensure'; readonly instance: InstanceId; readonly generation: string }
  /** The runtime was told to stop an instance that it has. */
  | { readonly kind: 'stop'; readonly instance: InstanceId; readonly generation: string }
  | { readonly kind: 'observed'; readonly observation: InstanceObservation }
  /** A user's command (smoke, migration, integrity check) was asked for. */
  | { readonly kind: 'command'; readonly run: CommandRun }
  /** An answer about counts reached the controller. */
  | { readonly kind: 'counts'; readonly mirror?: readonly MirrorCounts[] }
  /** A source outside the router told a value. */
  | { readonly kind: 'measured'; readonly arm: 'candidate' | 'stable' }
  /** A user's request was sent to an instance. */
  | { readonly kind: 'request'; readonly instance: InstanceId; readonly generation: string }
  /** A copy of a user's request was sent to an instance. */
  | { readonly kind: 'copy'; readonly instance: InstanceId; readonly generation: string }
  /** The router counted what came of a copy. `died`: its instance was dead, or died over it. */
  | { readonly kind: 'copied'; readonly generation: string; readonly bad: boolean; readonly died: boolean }
  /** A person's word was answered, by a refusal too. */
  | { readonly kind: 'asked'; readonly method: string; readonly tookMs: number }
  /** A tenth of a second passed. */
  | { readonly kind: 'moment' }
  /** Everything was healed, and there was time enough. */
  | { readonly kind: 'end' };

/** What laws may look at beside the fact. */
export interface WorldView {
  /** Since the beginning; never jumps. */
  readonly nowMs: number;
  /** Wall clock. */
  readonly now: number;
  readonly ledger: Ledger;
  /** The table in force; null when the router has none. */
  readonly table: RouteTable | null;
  readonly instances: ReadonlyMap<InstanceId, InstanceObservation>;
  /** Digest of the bytes that the instance runs, and the unit they were built for. */
  readonly running: (instance: InstanceId) => { readonly digest: string; readonly unit: string } | null;
  /** Requests that were sent to the instance and have not ended. */
  readonly inFlight: (instance: InstanceId) => number;
  /** The disk under the journal was slow, full or failing since then: what it held up was decided before. */
  readonly diskHurtSince: (ms: number) => boolean;
  /** Nothing was disturbed since this moment: no fault, no controller or router away. `Infinity` while something is. */
  readonly calmSinceMs: number;
  /** The digest that QA approved for a unit; null when it approved none. */
  readonly approvedDigest: (unit: string) => string | null;
  /** Units of which the stored bytes were changed. */
  readonly damaged: ReadonlySet<string>;
  /** Rollouts for which somebody entitled set the incident block aside. */
  readonly overridden: ReadonlySet<string>;
}

export interface Law {
  readonly name: string;
  /** What broke the law, or null. */
  judge(fact: Fact, world: WorldView): string | null;
}

/** It runs no process and will not by itself: stopping it takes nothing away, and clears it for another start. */
export function isGoneForGood({ instances }: WorldView, instance: InstanceId): boolean {
  const status = instances.get(instance)?.status;
  return status !== undefined && hasEnded(status);
}

/** Instances that a table names, for users or for copies of their requests. */
export function namedIn(table: RouteTable | null): readonly InstanceId[] {
  if (table === null) return [];
  const { stable, candidate, mirror } = table;
  return [...stable, ...candidate, ...(mirror?.backends ?? [])].map(({ instance }) => instance);
}

/** Share of the requests that instances of a generation get, hundredths of a per cent. */
export function shareOf(table: RouteTable | null, generation: string): number {
  if (table === null || table.mode !== 'serve') return 0;
  const candidate = table.candidate.some((one) => one.generation === generation) ? table.candidateWeight : 0;
  const stable = table.stable.some((one) => one.generation === generation)
    ? 10_000 - table.candidateWeight
    : 0;
  return candidate + stable;
}

/** True when nothing was disturbed for so long. */
export function calmFor(world: WorldView, ms: number): boolean {
  return world.nowMs - world.calmSinceMs > ms;
}
