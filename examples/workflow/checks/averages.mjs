// The average of each day, computed once more.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { table } from '../data/table.mjs';

const days = Map.groupBy(table(), ({ day }) => day);
const lines = [...days].map(
  ([day, all]) => `${day},${all.reduce((sum, { celsius }) => sum + celsius, 0) / all.length}`,
);
deepEqual(readFileSync('out/averages.csv', 'utf8').trim().split('\n'), ['day,celsius', ...lines]);
