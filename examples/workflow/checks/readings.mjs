// Every reading of the table, in its order, and nothing else.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { table } from '../data/table.mjs';

deepEqual(JSON.parse(readFileSync('station/readings.json', 'utf8')), table());
