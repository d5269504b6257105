import type { Look, Match } from '../../base/look.ts';
import type { CriterionKind } from '../reading/document.ts';

/** How Sluice judges a criterion by itself. */
export type CriterionTest =
  /** Of the command that is bound to the step. */
  | { readonly kind: 'exit-code'; readonly codes: readonly number[] }
  /** What the bound command or the capability printed; words of an agent do not count. */
  | { readonly kind: 'output'; readonly match: Match }
  | { readonly kind: 'look'; readonly look: Look }
  /** The probe of a capability of Sluice's own: it holds when the capability says that what it is about is there. */
  | {
      readonly kind: 'capability';
      readonly capability: string;
      readonly with: Readonly<Record<string, unknown>>;
    }
  /** Nothing in the bindings says how to look: `needs` names what is missing, for people. */
  | { readonly kind: 'unbound'; readonly needs: string }
  /** Only a person, or a supporting agent, can say; it waits for a sign-off by name. */
  | { readonly kind: 'sign-off' };

/** Of the bindings, and not of the document: whoever does the step is not told how it is probed. */
export function isProbe({ id }: Pick<PlannedCriterion, 'id'>): boolean {
  return id.startsWith('probe-');
}

export interface PlannedCriterion {
  /**
   * Unique within its owner, made by position: `1`, `2` … for criteria of the owner, `probe-1` … for its probes, `before-1` …
   * for preconditions.
   */
  readonly id: string;
  /** As printed, less backticks, asterisks and the colon; `probe` for a probe. */
  readonly label: string;
  readonly kind: CriterionKind;
  readonly text: string;
  readonly test: CriterionTest;
  /**
   * That it holds proves that the thing which the step is about exists: a probe, a test suite or a check of the bindings, or
   * whatever an action of Sluice did. A file with a phrase in it, an exit code, a sentence, a process of that name and an
   * address that answers prove nothing by themselves: whoever does the step can bring them about without it.
   */
  readonly proves: boolean;
}
