import type { Readiness } from '../../workflow/plan/readiness.ts';
import type { WorkflowDocument } from '../../workflow/reading/document.ts';

/** A document with the problems that show beside its bindings and neighbours, and what of it can be done. */
export interface CheckedDocument {
  readonly document: WorkflowDocument;
  readonly readiness: Readiness;
}

/** With conflicts and no side chosen there are two. */
export type CheckedFile =
  | { readonly conflicts: number; readonly checked: CheckedDocument }
  | {
      readonly conflicts: number;
      readonly sides: { readonly ours: CheckedDocument; readonly theirs: CheckedDocument };
    };
