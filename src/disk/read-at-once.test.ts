import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { readAtOnce } from './read-at-once.ts';

it('small regular files are read at once, and nothing else', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-at-once-'));
  t.after(() => rmSync(home, { recursive: true }));
  const follow = { follow: true };
  for (const size of [0, 1, 262_144]) {
    const path = join(home, `${size}`);
    const content = Buffer.alloc(size, 'größer');
    writeFileSync(path, content);
    assert.ok(readAtOnce(path, follow)?.equals(content), `${size} bytes`);
    assert.ok(readAtOnce(Buffer.from(path), { follow: false })?.equals(content));
  }
  writeFileSync(join(home, 'large'), Buffer.alloc(262_145));
  mkdirSync(join(home, 'folder'));
  symlinkSync('1', join(home, 'link'));
  for (const name of ['large', 'folder', 'nowhere', '1/below', 'zero\0byte'])
    assert.equal(readAtOnce(join(home, name), follow), null, name);
  assert.equal(readAtOnce(join(home, 'link'), { follow: false }), null);
  assert.equal(readAtOnce(join(home, 'link'), follow)?.length, 1);
});
