// The handbook names every address of the service, its port, and how it is started and stopped.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { station } from '../data/table.mjs';

const text = readFileSync('docs/Handbook.md', 'utf8');
for (const needed of ['/health', '/readings', String(station().port), 'tools/start.mjs', 'tools/stop.mjs'])
  assert.ok(text.includes(needed), `it does not name ${needed}`);
