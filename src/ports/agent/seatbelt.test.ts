import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seatbelt } from './seatbelt.ts';

const confinement = {
  workspace: '/w',
  scratch: '/w/.sluice/scratch',
  hidden: '/w/.sluice',
  held: ['/w/a "b"/QA', '/w/x.yml'],
};

describe('the profile for macOS', () => {
  const lines = seatbelt.script(confinement, "it's").split('\n');
  const at = (rule: string) => lines.findIndex((line) => line.includes(rule));

  it('forbids to write, then allows what may be written, then forbids what is held: the last rule decides', () => {
    const order = [
      '(deny file-write*)',
      '(allow file-read* file-write* (subpath "/w")',
      '(deny file-read* file-write* (subpath "/w/.sluice"))',
      '(allow file-read* file-write* (subpath "/w/.sluice/scratch"))',
      '(deny file-write* (subpath "/w/a \\"b\\"/QA"))',
      '(deny file-write* (subpath "/w/x.yml"))',
    ].map(at);
    assert.ok(
      order.every((place) => place >= 0),
      String(order),
    );
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });

  it('keeps the folders above what is held from being moved away', () => {
    assert.ok(at('(deny file-write-unlink (literal "/w") (literal "/w/a \\"b\\""))') >= 0);
  });

  it('hands on the command as one word', () => {
    assert.match(lines.join('\n'), /'\/bin\/sh' '-c' 'it'\\''s'\n$/);
  });
});
