// The offset of each sensor from the mean of both, within a hundredth of a degree.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { table } from '../data/table.mjs';

const mean = (all) => all.reduce((sum, { celsius }) => sum + celsius, 0) / all.length;
const both = mean(table());
const offsets = JSON.parse(readFileSync('calibration/offsets.json', 'utf8'));
assert.deepEqual(Object.keys(offsets).sort(), ['north', 'south']);
for (const [sensor, offset] of Object.entries(offsets)) {
  const own = mean(table().filter((reading) => reading.sensor === sensor));
  assert.ok(Math.abs(own - both - offset) < 0.01, `${sensor}: ${offset}`);
}
