import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { livingMembers, parsePsLine, readProcess } from './process-table.ts';

describe('the process table', () => {
  it('knows this process, and none of a pid that cannot be', async () => {
    const own = await readProcess(process.pid);
    assert.equal(own?.ended, false);
    assert.ok((own?.memoryBytes ?? 0) > 2 ** 20, String(own?.memoryBytes));
    assert.equal(await readProcess(2 ** 30), null);
    assert.deepEqual(await livingMembers(2 ** 30), []);
  });

  it('reads what ps prints', () => {
    assert.deepEqual(parsePsLine(' 12 11 Ss 2048 1-01:02:03 Mon Jan  1 00:00:00 2024'), [
      {
        pid: 12,
        group: 11,
        ended: false,
        startedAt: ':Mon Jan 1 00:00:00 2024',
        memoryBytes: 2_097_152,
        cpuMs: 90_123_000,
      },
    ]);
    assert.deepEqual(parsePsLine(''), []);
  });
});
