import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { KeptOutput } from './kept-output.ts';

const mib = 1_048_576;

it('a short output is kept as a whole, however it comes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
      const output = new KeptOutput();
      for (const byte of Buffer.from(parts.join(''))) output.add(Buffer.from([byte]));
      assert.deepEqual([output.isWhole, output.tail()], [true, Buffer.from(parts.join('')).toString()]);
    }),
  );
});

it('of a long output the end is kept, from a whole character on', () => {
  const output = new KeptOutput();
  const chunk = Buffer.from('ü'.repeat(50_001));
  for (let bytes = 0; bytes < 5 * mib; bytes += chunk.length) output.add(chunk);
  output.add(Buffer.from('the end'));
  assert.equal(output.isWhole, false);
  assert.ok(output.tail().startsWith('ü') && output.tail().endsWith('üthe end'));
  assert.ok(output.tail().length < 2 * mib);
});

it('an output of just two MiB has no hole', () => {
  const output = new KeptOutput();
  for (let n = 0; n < 32; n += 1) output.add(Buffer.alloc(65_536, 97 + (n % 26)));
  const tail = output.tail();
  assert.ok(output.isWhole ? tail.length === 2 * mib : tail.length >= mib);
});
