import type { Problem } from '../reading/document.ts';

/** Something that shows only when documents and bindings come together. */
export interface PlanProblem extends Problem {
  /** The document, or the bindings file. */
  readonly file: string;
}
