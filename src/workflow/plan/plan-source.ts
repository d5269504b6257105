import { digestOfBytes } from '../../base/digest.ts';
import { conflictSides } from '../reading/conflict-sides.ts';
import type { WorkflowDocument } from '../reading/document.ts';
import { Problems } from '../reading/problem.ts';
import { readDocument, type Side } from '../reading/read-document.ts';
import { sourceLines } from '../reading/source-lines.ts';

/** A document that becomes part of a plan. */
export interface PlanSource {
  /** As people name it: relative to the workspace, with slashes. */
  readonly path: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  /** Of the chosen side, where the file has conflicts. */
  readonly text: string;
  readonly document: WorkflowDocument;
  /** In the file, whichever side was chosen. */
  readonly conflicts: number;
}

/** Reads a file for a plan; null where it has unresolved conflicts and nobody chose a side. */
export function planSource(path: string, bytes: Uint8Array, side?: Side): PlanSource | null {
  const reading = readDocument(bytes, { side });
  if (!('document' in reading)) return null;
  const { conflicts, document } = reading;
  const problems = new Problems();
  const lines = sourceLines(bytes, problems);
  const { texts } = conflicts === 0 || side === undefined ? lines : conflictSides(lines, problems)[side];
  return { path, digest: digestOfBytes(bytes), text: texts.join('\n'), document, conflicts };
}
