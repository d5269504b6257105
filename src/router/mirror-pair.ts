import type { HeadSeen } from './mirror-counter.ts';

/** A request and its copy. Told once, when both have an outcome; never when one of them has none. */
export class MirrorPair {
  #stable: HeadSeen | null = null;
  #candidate: HeadSeen | null = null;
  #abandoned: (() => void) | null = null;
  #met: (stable: HeadSeen, candidate: HeadSeen) => void;

  constructor(met: (stable: HeadSeen, candidate: HeadSeen) => void) {
    this.#met = met;
  }

  /** What stable gave the user. */
  original(seen: HeadSeen): void {
    this.#stable = seen;
    this.#meet();
  }

  onAbandoned(act: () => void): void {
    this.#abandoned = act;
  }

  /** The user went away before an answer, which counts for nobody: nor may a copy that would have had to wait longer. */
  abandoned(): void {
    this.#abandoned?.();
  }

  copy(seen: HeadSeen): void {
    this.#candidate = seen;
    this.#meet();
  }

  #meet(): void {
    if (this.#stable !== null && this.#candidate !== null) this.#met(this.#stable, this.#candidate);
  }
}
