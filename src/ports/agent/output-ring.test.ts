import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { keepTail, readTail, removeTail } from './output-ring.ts';

const part = 4 * 2 ** 20;

it('keeps the whole tail, wherever the input ends between its files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-ring-'));
  const base = join(folder, "it's");
  try {
    for (const length of [0, 1, part - 1, part, part + 1, 2 * part, 2 * part + 7, 3 * part, 5 * part + 100]) {
      const input = Buffer.alloc(length, 'abcdefg');
      execFileSync('/bin/sh', ['-c', keepTail(base)], { input });
      const tail = await readTail(base, 65_536);
      assert.equal(tail, input.subarray(Math.max(0, length - 65_536)).toString(), `of ${length} bytes`);
      assert.ok((await readdir(folder)).length <= 3);
      await removeTail(base);
      assert.deepEqual(await readdir(folder), []);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
