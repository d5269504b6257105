import { digestOfBytes } from '../../base/digest.ts';
import type { UnitId } from '../../base/ids.ts';
import { claimOf, reportPath } from './claims.ts';
import type { QaReports } from './port.ts';
import { parseReport } from './report-text.ts';

/** A report file as a test lays it down. */
export interface MemoryQaFile {
  /** Whole text, frontmatter included. */
  readonly text: string | Uint8Array;
  /** Default null: not committed. */
  readonly committedBy?: string | null;
  /** Default `qa`. */
  readonly owner?: string;
  /** Milliseconds; default 0. */
  readonly modifiedAt?: number;
}

/** `QaReports` without a disk; `files` are keyed by path below the repository: `QA/QA-Report-U-42.md`. */
export interface MemoryQaReports extends QaReports {
  readonly files: Map<string, MemoryQaFile>;
  /** Lays down an approval of the unit with further frontmatter lines. */
  approve(unit: UnitId, lines: readonly string[]): void;
}

export function memoryQaReports(): MemoryQaReports {
  const files = new Map<string, MemoryQaFile>();
  return {
    files,
    approve(unit, lines) {
      const text = ['---', `unit_id: ${unit}`, 'status: approved', ...lines, '---', ''].join('\n');
      files.set(reportPath(unit), { text });
    },
    async find(unit) {
      const path = reportPath(unit);
      const claim = claimOf(unit, [...files.keys()]);
      if (claim.kind === 'unusable') return claim;
      const file = files.get(path);
      if (file === undefined) return { kind: 'missing', path };
      const bytes = typeof file.text === 'string' ? Buffer.from(file.text) : file.text;
      const text = parseReport(bytes);
      if (text.kind === 'broken') return { kind: 'unusable', path, reason: text.reason };
      const { frontmatter, body } = text;
      const { committedBy = null, owner = 'qa', modifiedAt = 0 } = file;
      const digest = digestOfBytes(bytes);
      return { kind: 'found', report: { path, frontmatter, body, committedBy, owner, modifiedAt, digest } };
    },
  };
}
