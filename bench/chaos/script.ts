import { type Random, seededRandom } from '../random.ts';
import { type Moment, momentsOf } from './moments.ts';

export type ChangeKind = 'promote' | 'abort' | 'supersede' | 'rollback';

/** What is done to the project while users ask. */
export type Harm =
  | { readonly kind: 'kill-controller'; readonly awayMs: number }
  | { readonly kind: 'freeze-controller'; readonly forMs: number }
  | { readonly kind: 'upgrade-router' }
  | { readonly kind: 'kill-instance'; readonly of: 'stable' | 'candidate' }
  | { readonly kind: 'fill-disk'; readonly forMs: number };

/** A harm and when it comes: so long after a change is first seen at that moment. */
export interface Fault {
  readonly at: Moment;
  readonly delayMs: number;
  readonly harm: Harm;
}

export interface PlannedChange {
  readonly kind: ChangeKind;
  readonly faults: readonly Fault[];
}

/** How many faults there are of each kind. */
export type FaultCounts = Readonly<Record<Harm['kind'], number>>;

/** Longer than a controller's lease lasts, so that it must find out that it has lost it. */
const beyondLeaseMs = 17_000;

/**
 * The changes, four kinds in turn, with the faults spread over them as the seed says. Every controller is killed at another
 * moment until all moments were met. One seed gives one script.
 */
export function writeScript(options: {
  readonly seed: number;
  readonly changes: number;
  readonly faults: FaultCounts;
}): readonly PlannedChange[] {
  const random = seededRandom(options.seed);
  const kinds = Array.from({ length: Math.ceil(options.changes / 4) }, () => block(random)).flat();
  const script = kinds.map((kind) => ({ kind, faults: [] as Fault[] }));
  for (const { kind, at, harm } of faultsOf(options.faults, random)) {
    const fitting = script.filter((change) => change.kind === kind);
    // Not twice in one change while another has none: each fault should be seen for itself first.
    const free = fitting.filter(({ faults }) => faults.length === 0);
    pick(free.length > 0 ? free : fitting, random).faults.push({ at, delayMs: upTo(80, random), harm });
  }
  return script;
}

/** A rollback comes after a promote, so that there is a release to go back to. */
function block(random: Random): readonly ChangeKind[] {
  const between: readonly ChangeKind[] = random() < 0.5 ? ['abort', 'supersede'] : ['supersede', 'abort'];
  return ['promote', ...between, 'rollback'];
}

interface Placed {
  readonly kind: ChangeKind;
  readonly at: Moment;
  readonly harm: Harm;
}

/** What ends a candidate early comes first, where changes are still free: it would keep others from their moments. */
function faultsOf(counts: FaultCounts, random: Random): readonly Placed[] {
  const moments = (Object.keys(momentsOf) as ChangeKind[]).flatMap((kind) =>
    momentsOf[kind].map((at) => ({ kind, at })),
  );
  const many = (kind: Harm['kind'], make: (k: number) => Placed) =>
    Array.from({ length: counts[kind] }, (_, k) => make(k));
  const anywhere = () => pick(moments, random);
  return [
    ...many('kill-controller', (k) => ({
      ...(moments[k % moments.length] as (typeof moments)[number]),
      harm: { kind: 'kill-controller', awayMs: upTo(1_500, random) },
    })),
    ...many('kill-instance', (k) => ({
      ...(k % 2 === 0 ? anywhere() : { kind: 'promote', at: 'paused' }),
      harm: { kind: 'kill-instance', of: k % 2 === 0 ? 'stable' : 'candidate' },
    })),
    ...many('freeze-controller', (k) => ({
      ...anywhere(),
      harm: { kind: 'freeze-controller', forMs: k === 1 ? beyondLeaseMs : 1_000 + upTo(4_000, random) },
    })),
    ...many('upgrade-router', () => ({ ...anywhere(), harm: { kind: 'upgrade-router' } })),
    ...many('fill-disk', () => ({
      ...anywhere(),
      harm: { kind: 'fill-disk', forMs: 1_000 + upTo(4_000, random) },
    })),
  ];
}

function upTo(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}
