/** Over this long. */
const windowMs = 10_000;
const slotMs = 250;
const slotCount = windowMs / slotMs;
/** Below so many requests a share says nothing. */
const boundedFrom = 50;

/**
 * How many requests may be answered by stable in place of the candidate: a share of all requests of the last ten seconds,
 * from 50 requests on. When most requests fail, shielding would only hide it and double the load of stable. Times are
 * monotonic, ms; the window moves on in steps of a quarter of a second.
 */
export class ShieldBudget {
  #requests = new Float64Array(slotCount);
  #shielded = new Float64Array(slotCount);
  #sums = { requests: 0, shielded: 0 };
  /** Number of the slot in which we are, since the clock's zero. */
  #slot = 0;

  /** A request came in, whoever answers it. */
  saw(nowMs: number): void {
    const at = this.#moveTo(nowMs);
    this.#requests[at] = (this.#requests[at] ?? 0) + 1;
    this.#sums.requests += 1;
  }

  /** Whether one more may be shielded. */
  allows(nowMs: number, budgetPercent: number): boolean {
    this.#moveTo(nowMs);
    const { requests, shielded } = this.#sums;
    return requests < boundedFrom || (shielded + 1) * 100 <= requests * budgetPercent;
  }

  /** True, and spent, when one more may be shielded. */
  take(nowMs: number, budgetPercent: number): boolean {
    if (!this.allows(nowMs, budgetPercent)) return false;
    const at = this.#moveTo(nowMs);
    this.#shielded[at] = (this.#shielded[at] ?? 0) + 1;
    this.#sums.shielded += 1;
    return true;
  }

  #moveTo(nowMs: number): number {
    const slot = Math.floor(nowMs / slotMs);
    if (slot > this.#slot) {
      const first = Math.max(this.#slot + 1, slot - slotCount + 1);
      for (let passed = first; passed <= slot; passed += 1) this.#forget(passed % slotCount);
      this.#slot = slot;
    }
    return this.#slot % slotCount;
  }

  #forget(at: number): void {
    this.#sums.requests -= this.#requests[at] ?? 0;
    this.#sums.shielded -= this.#shielded[at] ?? 0;
    this.#requests[at] = 0;
    this.#shielded[at] = 0;
  }
}
