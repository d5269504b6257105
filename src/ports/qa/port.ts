import type { UnitId } from '../../base/ids.ts';

/** What stands in `QA/QA-Report-<UNIT_ID>.md`, as found; judging it is policy's work. */
export interface QaReport {
  readonly path: string;
  readonly frontmatter: Readonly<Record<string, unknown>>;
  /** Markdown below the frontmatter. */
  readonly body: string;
  /** Author of the file's last commit, when it is committed and unchanged since; null otherwise. */
  readonly committedBy: string | null;
  /** Owner of the file on this machine. */
  readonly owner: string;
  readonly modifiedAt: number;
  /** SHA-256 of the file, so that the report can prove what was read. */
  readonly digest: string;
}

export type QaLookup =
  | { readonly kind: 'found'; readonly report: QaReport }
  | { readonly kind: 'missing'; readonly path: string }
  /** Two files claim the unit (differing in case, or in a sub-folder), or the frontmatter cannot be read. */
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string };

export interface QaReports {
  find(unit: UnitId): Promise<QaLookup>;
}
