import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { standardRetention } from '../engine/retention.ts';
import { retentionInForce } from './retention-in-force.ts';

describe('the retention in force', () => {
  let file = '';
  before(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'sluice-retention-')), 'sluice.yml');
  });
  after(() => rm(join(file, '..'), { recursive: true, force: true }));

  it('is the standard where documents run without sluice.yml', async () => {
    assert.deepEqual(await retentionInForce(file, { deployed: false }), standardRetention);
  });

  it('is not guessed where something was deployed, or where the file cannot be read', async () => {
    await assert.rejects(retentionInForce(file, { deployed: true }), { code: 'config-invalid' });
    await writeFile(file, 'retention: { age: 400d');
    await assert.rejects(retentionInForce(file, { deployed: false }), { code: 'config-invalid' });
  });
});
