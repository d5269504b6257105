import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { keepSettings, keptSettings } from './router-settings.ts';

it('keeps the engine for each router that starts, and takes the fast one where nothing readable is kept', async (test) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-settings-'));
  test.after(() => rm(stateDir, { recursive: true, force: true }));
  assert.deepEqual(await keptSettings(stateDir), { engine: 'fast' });
  await keepSettings(stateDir, { engine: 'standard' });
  assert.deepEqual(await keptSettings(stateDir), { engine: 'standard' });
  await writeFile(join(stateDir, 'router-settings.json'), 'torn');
  assert.deepEqual(await keptSettings(stateDir), { engine: 'fast' });
});
