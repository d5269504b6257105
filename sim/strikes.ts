import { Random } from './random.ts';

/**
 * Everything that strikes a world and everybody who asks for something, each under a name that it keeps when others are
 * left out: `partition 2`, `apply 7 failed 1`, `ask 5`. That is how a failing seed is made short.
 */
export class Strikes {
  /** What struck so far, in order. */
  readonly struck: string[] = [];
  readonly #only: ReadonlySet<string> | null;
  readonly #random: Random;
  readonly #times = new Map<string, number>();

  /** `only`: nothing else strikes; default: whatever is drawn. */
  constructor(seed: number, only?: readonly string[]) {
    this.#random = new Random(seed);
    this.#only = only === undefined ? null : new Set(only);
  }

  /** The name of the next strike of a kind. */
  next(kind: string): string {
    const times = (this.#times.get(kind) ?? 0) + 1;
    this.#times.set(kind, times);
    return `${kind} ${times}`;
  }

  /** What the strike of this name draws its choices from. */
  random(name: string): Random {
    return this.#random.of(name);
  }

  /** False when it is left out. */
  happens(name: string): boolean {
    if (this.#only !== null && !this.#only.has(name)) return false;
    this.struck.push(name);
    return true;
  }
}
