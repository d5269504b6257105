import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { replaceFile } from './replace-file.ts';

describe('replacing a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  after(() => rmSync(directory, { recursive: true }));

  it('leaves the new content under the asked mode and nothing else', async () => {
    const path = join(directory, 'a.json');
    await replaceFile(path, 'old');
    await replaceFile(path, 'new', { mode: 0o640 });
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(directory), ['a.json']);
  });

  it('lets many writers at once each write whole', async () => {
    const path = join(directory, 'b.txt');
    const contents = Array.from({ length: 20 }, (_, n) => String(n).repeat(50_000));
    await Promise.all(contents.map((content) => replaceFile(path, content)));
    assert.ok(contents.includes(readFileSync(path, 'utf8')));
    assert.deepEqual(readdirSync(directory).sort(), ['a.json', 'b.txt']);
  });

  it('says why it could not, and leaves no temporary file', async () => {
    await assert.rejects(replaceFile(join(directory, 'missing', 'c'), 'x'), { code: 'ENOENT' });
    assert.deepEqual(readdirSync(directory).sort(), ['a.json', 'b.txt']);
  });
});
