import { type RolloutId, type Target, targetId, type UnitId } from '../base/ids.ts';

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
  readonly #names = new Map<RolloutId, string>();
  /** In small letters: some file systems know no others. */
  readonly #taken = new Set<string>();
  readonly #attempts = new Map<string, number>();
  readonly #firstService = new Map<string, string>();

  /** Takes the next request in; one that is known already keeps its name. */
  add(request: NamedRollout): void {
    if (this.#names.has(request.rollout)) return;
    const wanted = this.#wanted(request);
    const name = this.#taken.has(wanted.toLowerCase()) ? `${wanted}-${request.rollout}` : wanted;
    this.#names.set(request.rollout, name);
    this.#taken.add(name.toLowerCase());
  }

  /** For example `U-42-production`; null for a rollout that was never added. */
  nameOf(rollout: RolloutId): string | null {
    return this.#names.get(rollout) ?? null;
  }

  #wanted({ target, unit, isRollback }: NamedRollout): string {
    const stem = unit ?? target.service;
    const kind = isRollback ? 'rollback' : 'deploy';
    const isFirst = !isRollback && unit !== null && !this.#firstService.has(unit);
    if (isFirst) this.#firstService.set(unit, target.service);
    const key = `${kind} ${stem} ${targetId(target)}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    if (isFirst) return stem;
    const other = unit !== null && (this.#firstService.get(unit) ?? target.service) !== target.service;
    const parts = [stem, ...(other ? [target.service] : []), target.environment];
    return [...parts, ...(isRollback ? ['rollback'] : []), ...(attempt > 1 ? [attempt] : [])].join('-');
  }
}

/** File name of the deployment report. */
export function reportFile(name: string): string {
  return `Deploy-${name}.md`;
}
