/** A place in a file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something in the configuration that a person must change (or, as a warning, should look at). */
export interface Problem extends Place {
  /** Stable kebab-case code. */
  readonly code: string;
  readonly message: string;
  /** Key path, `environments.production.replicas`; empty for the whole file. */
  readonly path: string;
  readonly remedy: string;
}

export type ProblemFacts = Pick<Problem, 'code' | 'message' | 'path' | 'remedy'>;

export const problemAt = (at: Place, facts: ProblemFacts): Problem => ({
  ...facts,
  file: at.file,
  line: at.line,
  column: at.column,
});

export const joinPath = (path: string, key: string | number): string =>
  typeof key === 'number' ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
