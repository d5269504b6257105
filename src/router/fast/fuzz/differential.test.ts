import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { difference } from './compare.ts';
import { corpus } from './corpus.ts';
import type { Case } from './message.ts';
import { ownReading } from './own-reading.ts';
import { runFuzz } from './run-fuzz.ts';

describe('the parser beside llhttp', () => {
  it('accepts nothing that llhttp reads in another way, in 100,000 generated cases', () => {
    const { accepted, differences } = runFuzz(1, 100_000);
    assert.deepEqual(differences, []);
    assert.ok(accepted > 20_000, `${accepted} accepted`);
  });

  for (const { name, kind, expect, bytes } of corpus) {
    const one: Case = { kind, method: 'GET', bytes: Buffer.from(bytes, 'latin1') };
    it(`reads the kept ${kind} "${name}" as llhttp does, or refuses it: ${expect}`, () => {
      for (const size of [1, one.bytes.length]) {
        const reading = ownReading(one, () => size);
        assert.equal(reading.refused === null ? 'accepted' : 'refused', expect);
        assert.equal(difference(one, reading), null);
      }
    });
  }
});
