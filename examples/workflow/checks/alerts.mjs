// One rule for frost and one for silence, each with its limit.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { station } from '../data/table.mjs';

const text = readFileSync('deploy/alert-rules.yml', 'utf8').replace(/#.*$/gm, '');
const all = (key) => [...text.matchAll(new RegExp(`\\b${key}: (.*)$`, 'gm'))].map(([, value]) => value);
const { frostBelow, silentAfter } = station();
deepEqual(all('alert'), ['Frost', 'Silence']);
deepEqual(all('expr'), [
  `station_celsius < ${frostBelow}`,
  `absent_over_time(station_celsius[${silentAfter}])`,
]);
