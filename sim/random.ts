/**
 * A seeded source of choices (mulberry32): one seed gives one sequence on every machine. Whatever chooses has a source
 * of its own, by its name, so that one part of the world does not shift the choices of another.
 */
export class Random {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
    for (let k = 0; k < 4; k += 1) this.number();
  }

  /** From 0 up to 1. */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.number() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.number() < share;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)] as T;
  }

  /** The source of this name; the same one whatever was drawn before. */
  of(name: string): Random {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let k = 0; k < name.length; k += 1) hash = Math.imul(hash ^ name.charCodeAt(k), 0x01000193);
    // What names differ in at their ends is spread over all bits.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return new Random((hash ^ (hash >>> 13)) >>> 0);
  }
}
