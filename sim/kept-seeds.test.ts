import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';

interface KeptSeed {
  readonly seed: number;
  /** Names of what strikes; left out: whatever is drawn. */
  readonly only?: readonly string[];
  /** What was drawn otherwise when it failed. */
  readonly scenario?: Partial<Scenario>;
  readonly found: string;
}

const kept = JSON.parse(readFileSync(join(import.meta.dirname, 'kept-seeds.json'), 'utf8')) as KeptSeed[];

describe('a seed that once failed', () => {
  for (const { seed, only, scenario, found } of kept) {
    it(`breaks no law any more: ${seed}. ${found}`, async () => {
      const { broken } = await simulate(seed, { ...(only && { only }), ...(scenario && { scenario }) });
      assert.equal(broken, null, `${broken?.law}: ${broken?.what}`);
    });
  }
});
