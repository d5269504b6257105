/** Answers of a route in one window, and how many there must have been before they say anything. */
const windowAnswers = 500;
const leastAnswers = 100;

/**
 * How long good answers of stable took to their heads lately, by route: what is patience enough for the candidate. Looks at
 * the last 500 to 1,000 answers of a route, so that one stall of the machine is not remembered for ever.
 */
export class HeadTimes {
  #routes = new Map<string, Times>();

  saw(route: string, latencyMs: number): void {
    const known = this.#routes.get(route);
    if (known === undefined) this.#routes.set(route, { answers: 1, slowestMs: latencyMs, beforeMs: null });
    else if (known.answers < windowAnswers) {
      known.answers += 1;
      if (latencyMs > known.slowestMs) known.slowestMs = latencyMs;
    } else {
      known.beforeMs = known.slowestMs;
      known.slowestMs = latencyMs;
      known.answers = 1;
    }
  }

  /** Null for a route with fewer than 100 answers. */
  slowestMs(route: string): number | null {
    const known = this.#routes.get(route);
    if (known === undefined) return null;
    const { answers, slowestMs, beforeMs } = known;
    if (beforeMs !== null) return Math.max(slowestMs, beforeMs);
    return answers < leastAnswers ? null : slowestMs;
  }
}

interface Times {
  answers: number;
  slowestMs: number;
  /** Of the window before; null: this is the first. */
  beforeMs: number | null;
}
