import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { removeTemporaries } from './remove-temporaries.ts';

it('old temporary files go, whatever else there is stays', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'sluice-temporaries-'));
  t.after(() => rm(home, { recursive: true }));
  const left = 'a.json.4711.0123456789ab.tmp';
  for (const folder of ['deep/er', 'run/deep', '.']) {
    await mkdir(join(home, folder), { recursive: true });
    for (const name of [left, 'young.4711.0123456789ab.tmp', 'a.json', 'mine.tmp']) {
      await writeFile(join(home, folder, name), '');
      if (!name.startsWith('young')) await utimes(join(home, folder, name), 1, 1);
    }
  }
  const options = { nowMs: Date.now(), olderThanMs: 60_000, except: ['run'] };
  const gone = await removeTemporaries(home, options);
  assert.deepEqual([...gone].sort(), [join(home, left), join(home, 'deep', 'er', left)].sort());
  assert.equal((await readdir(join(home, 'run', 'deep'))).length, 4);
  assert.deepEqual(await removeTemporaries(join(home, 'nowhere'), options), []);
});
