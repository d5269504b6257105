import { type RolloutId, type Target, type TargetId, targetId, type UnitId } from '../base/ids.ts';

/** What the name of a rollout's documents is made from. */
export interface NamedRollout {
  readonly target: Target;
  readonly rollout: RolloutId;
  readonly unit: UnitId | null;
  readonly isRollback: boolean;
}

/**
 * Names of documents, given out in the order in which the journal has the requests, so that a rebuild gives the same ones:
 * `U-42` for the first deployment of the unit, `U-42-production` for the first in a further environment,
 * `U-42-production-2` for the next attempt there, `U-42-production-rollback` for going back to it. Without a unit the
 * service stands in its place.
 */
export class ReportNames {
  /** In small letters: some file systems know no others. */
  readonly #taken = new Set<string>();
  readonly #attempts = { deploy: new Attempts(), rollback: new Attempts() };
  readonly #firstService = new Map<string, string>();

  /** The name of the next request, for example `U-42-production`. */
  next(request: NamedRollout): string {
    const wanted = this.#wanted(request);
    const name = this.#taken.has(wanted.toLowerCase()) ? `${wanted}-${request.rollout}` : wanted;
    this.#taken.add(name.toLowerCase());
    return name;
  }

  #wanted({ target, unit, isRollback }: NamedRollout): string {
    const stem = unit ?? target.service;
    const isFirst = !isRollback && unit !== null && !this.#firstService.has(unit);
    if (isFirst) this.#firstService.set(unit, target.service);
    const attempt = this.#attempts[isRollback ? 'rollback' : 'deploy'].next(targetId(target), stem);
    if (isFirst) return stem;
    const other = unit !== null && (this.#firstService.get(unit) ?? target.service) !== target.service;
    const parts = [stem, ...(other ? [target.service] : []), target.environment];
    return [...parts, ...(isRollback ? ['rollback'] : []), ...(attempt > 1 ? [attempt] : [])].join('-');
  }
}

/** Which attempt it is with a stem in a target. There are as many as rollouts, so the target is no part of each key. */
class Attempts {
  readonly #byTarget = new Map<TargetId, Map<string, number>>();

  next(target: TargetId, stem: string): number {
    const known = this.#byTarget.get(target) ?? new Map<string, number>();
    this.#byTarget.set(target, known);
    const attempt = (known.get(stem) ?? 0) + 1;
    known.set(stem, attempt);
    return attempt;
  }
}

/** File name of the deployment report. */
export function reportFile(name: string): string {
  return `Deploy-${name}.md`;
}
