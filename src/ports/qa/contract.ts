import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOfBytes } from '../../base/digest.ts';
import { parseUnitId } from '../../base/ids.ts';
import type { QaReports } from './port.ts';

/** A repository with a QA folder and hands on its files. */
export interface QaWorld {
  readonly reports: QaReports;
  /** Path below the repository. */
  write(path: string, content: string | Uint8Array): Promise<void>;
}

const unit = parseUnitId('U-42');
const path = 'QA/QA-Report-U-42.md';
const approved = '---\nunit_id: U-42\nstatus: approved\n---\n# Fine\n';

/** Texts that are no report, with what the reason must say. */
const broken: readonly (readonly [what: string, content: string | Uint8Array, reason: RegExp])[] = [
  ['an empty file', '', /^line 1: .*empty/],
  ['no frontmatter', '# Fine\nstatus: approved\n', /^line 1: .*missing/],
  ['frontmatter without an end', '---\nstatus: approved\n', /^line 1: .*does not end/],
  ['broken YAML', '---\nunit_id: U-42\nstatus: "approved\nx: [1\n---\n', /^line \d: /],
  [
    'a key that is given twice',
    '---\nstatus: approved\nunit_id: U-42\nstatus: rejected\n---\n',
    /^line 4: .*unique/i,
  ],
  ['a list', '---\n- approved\n---\n', /^line 2: .*mapping/],
  ['frontmatter with nothing in it', '---\n---\n', /^line 2: .*mapping/],
  ['a tag that nobody knows', '---\nstatus: !approve yes\n---\n', /^line 2: .*tag/i],
  ['an alias that leads nowhere', '---\nstatus: *gone\n---\n', /^line 2: .*alias/i],
  ['bytes that are not UTF-8', Buffer.from('---\nstatus: approv\xe9\n---\n', 'latin1'), /^line 2: .*UTF-8/],
  ['more than a megabyte', `${approved}${'x'.repeat(1_048_576)}`, /1048576 bytes/],
  ['aliases that multiply', bomb(), /^line \d+: .*alias/i],
];

/** What every source of QA reports does. `open` gives a new, empty world. */
export function qaReportsContract(name: string, open: () => Promise<QaWorld>): void {
  describe(`${name} as QA reports`, () => {
    it('misses a report that is not there, and says where it belongs', async () => {
      const { reports } = await open();
      assert.deepEqual(await reports.find(unit), { kind: 'missing', path });
    });

    it('gives frontmatter, body and digest as found', async () => {
      const { reports, write } = await open();
      await write(path, approved);
      const found = await reports.find(unit);
      assert.ok(found.kind === 'found', JSON.stringify(found));
      assert.equal(found.report.path, path);
      assert.deepEqual(found.report.frontmatter, { unit_id: 'U-42', status: 'approved' });
      assert.equal(found.report.body, '# Fine\n');
      assert.equal(found.report.digest, digestOfBytes(approved));
    });

    it('reads a byte order mark and CRLF', async () => {
      const { reports, write } = await open();
      await write(path, `\uFEFF${approved.replaceAll('\n', '\r\n')}`);
      const found = await reports.find(unit);
      assert.ok(found.kind === 'found', JSON.stringify(found));
      assert.deepEqual(found.report.frontmatter, { unit_id: 'U-42', status: 'approved' });
    });

    it('keeps digits that a number would lose, and other values as YAML has them', async () => {
      const { reports, write } = await open();
      await write(
        path,
        '---\nunit_id: 007\ncommit: 12345e7\nblocking_bugs: 0\ntests_passed: true\nnote: null\n---\n',
      );
      const found = await reports.find(unit);
      assert.ok(found.kind === 'found', JSON.stringify(found));
      const frontmatter = {
        unit_id: '007',
        commit: '12345e7',
        blocking_bugs: 0,
        tests_passed: true,
        note: null,
      };
      assert.deepEqual(found.report.frontmatter, frontmatter);
    });

    for (const [what, content, reason] of broken) {
      it(`cannot use ${what}`, async () => {
        const { reports, write } = await open();
        await write(path, content);
        const found = await reports.find(unit);
        assert.ok(found.kind === 'unusable', JSON.stringify(found));
        assert.equal(found.path, path);
        assert.match(found.reason, reason);
      });
    }

    for (const other of ['QA/QA-Report-u-42.md', 'QA/old/QA-Report-U-42.md', 'QA/a/b/qa-report-u-42.MD']) {
      it(`cannot use two files that claim one unit: ${other}`, async () => {
        const { reports, write } = await open();
        await write(path, approved);
        await write(other, approved);
        const found = await reports.find(unit);
        assert.ok(found.kind === 'unusable', JSON.stringify(found));
        assert.ok(found.reason.includes(path) && found.reason.includes(other), found.reason);
      });

      it(`does not take ${other} for the report`, async () => {
        const { reports, write } = await open();
        await write(other, approved);
        const found = await reports.find(unit);
        assert.ok(found.kind === 'unusable', JSON.stringify(found));
        assert.equal(found.path, other);
      });
    }

    it('is not disturbed by the reports of other units', async () => {
      const { reports, write } = await open();
      await write('QA/QA-Report-U-421.md', 'nonsense');
      await write('QA/QA-Report-U-4.md', 'nonsense');
      assert.equal((await reports.find(unit)).kind, 'missing');
    });
  });
}

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, n) => `k${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}x]`);
  return `---\nk0: &a0 [x, x]\n${levels.join('\n')}\n---\n`;
}
