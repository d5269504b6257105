import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { readOutput, rotate } from './output-file.ts';

it('an output file is cut when it is too long, and read over the cut', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-output-'));
  const path = join(directory, 'a.log');
  assert.equal(await readOutput(path, 10), '');
  await appendFile(path, 'x'.repeat(100));
  await rotate(path, 100);
  assert.equal((await stat(path)).size, 100);
  await rotate(path, 40);
  assert.equal((await stat(path)).size, 0);
  await appendFile(path, 'end');
  assert.equal(await readOutput(path, 5), 'xxend');
  assert.equal((await readOutput(path, 1_000)).length, 43);
  await rm(directory, { recursive: true });
});
