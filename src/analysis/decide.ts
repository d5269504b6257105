import { combineLogE } from './combine.ts';

/** Evidence of harm by one metric. While its guard does not hold, its e-value counts as at most one. */
export interface HarmEvidence {
  readonly name: string;
  readonly weight: number;
  readonly logE: number;
  readonly guardHolds: boolean;
}

export interface SafetyEvidence {
  readonly name: string;
  readonly logE: number;
}

export interface DecideInput {
  readonly harm: readonly HarmEvidence[];
  /** The metrics that a promotion requires. */
  readonly safe: readonly SafetyEvidence[];
  readonly alpha: number;
  readonly beta: number;
  /** Harm evidence of 1/amber or more stops a promotion, default 0.1. */
  readonly amber: number;
  readonly bakeOk: boolean;
  readonly expired: boolean;
}

export interface Decision {
  readonly verdict: 'rollback' | 'promote' | 'continue' | 'inconclusive';
  /** Combined log evidence of harm, and what it is compared with. */
  readonly logE: number;
  readonly threshold: number;
  /** Metrics (or `bake`, `harm`) that this verdict is due to. */
  readonly because: readonly string[];
}

/** What the evidence comes to. Rolling back goes first, whatever else holds. */
export function decide({ harm, safe, alpha, beta, amber, bakeOk, expired }: DecideInput): Decision {
  const counted = harm.map((part) => ({ ...part, logE: guarded(part) }));
  const logE = combineLogE(counted);
  const threshold = -Math.log(alpha);
  if (logE >= threshold)
    return { verdict: 'rollback', logE, threshold, because: culprits(counted, threshold) };
  const unproven = safe.filter((part) => !(part.logE >= -Math.log(beta))).map(({ name }) => name);
  const because = [...unproven, ...(logE < -Math.log(amber) ? [] : ['harm']), ...(bakeOk ? [] : ['bake'])];
  if (because.length === 0 && safe.length > 0) return { verdict: 'promote', logE, threshold, because };
  return { verdict: expired ? 'inconclusive' : 'continue', logE, threshold, because };
}

/** The log e-value with which a metric counts. */
export function guarded({ logE, guardHolds }: Pick<HarmEvidence, 'logE' | 'guardHolds'>): number {
  return guardHolds ? logE : Math.min(logE, 0);
}

/** The metrics that prove harm by themselves; where only their sum does, the one that adds most. */
function culprits(counted: readonly HarmEvidence[], threshold: number): readonly string[] {
  const alone = counted.filter(({ logE }) => logE >= threshold);
  if (alone.length > 0) return alone.map(({ name }) => name);
  const share = ({ weight, logE }: HarmEvidence) => Math.log(weight) + logE;
  const [first] = [...counted].sort((a, b) => share(b) - share(a));
  return first === undefined ? [] : [first.name];
}
