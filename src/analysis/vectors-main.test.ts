import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./vectors-main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'sluice-vectors-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const sum = (logE: number) => ({
  name: 'a sum',
  kind: 'combine',
  input: { logE: [4, -1, 1.2, 0.1], weight: [0.5, 0.3, 0.1, 0.1] },
  expected: { logE },
});

describe('the check of a vector file', () => {
  it('passes numbers that are right within the tolerance', () => {
    const { status, stdout } = check({ cases: [sum(3.3269036149729456 + 5e-10)] });
    assert.equal(status, 0);
    assert.match(stdout, /ok +a sum.*largest deviation [45]\.\d+e-10/);
    assert.match(stdout, /\n1 passed, 0 failed\n$/);
  });

  it('prints what differs and exits with 1', () => {
    const { status, stdout } = check({ cases: [sum(3.3269), sum(3.3269036149729456)] });
    assert.equal(status, 1);
    assert.match(stdout, /logE: expected 3\.3269, actual 3\.326903614/);
    assert.match(stdout, /\n1 passed, 1 failed\n$/);
  });

  it('names an unknown kind, and a member that is missing', () => {
    const other = { name: 'b', kind: 'lbeta', input: {}, expected: { value: [1] } };
    const { status, stdout } = check({ cases: [{ ...sum(1), kind: 'constructor' }, other] });
    assert.equal(status, 1);
    assert.match(stdout, /no kind of case `constructor`.*Known kinds: .*bin_process/);
    assert.match(stdout, /`ab` is not a list/);
  });

  it('refuses what is no vector file, with a remedy', () => {
    const broken = check('{');
    assert.equal(broken.status, 1);
    assert.match(broken.stderr, /it is no JSON.*\n.*`cases`/);
    assert.match(check([]).stderr, /not an object/);
    const missing = spawnSync(process.execPath, [main, join(directory, 'none.json')], { encoding: 'utf8' });
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /Cannot read/);
  });
});

function check(content: unknown) {
  const path = join(directory, 'vectors.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return spawnSync(process.execPath, [main, path], { encoding: 'utf8' });
}
