// The compose file runs the image of the station on its port, and nothing else.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { station } from '../data/table.mjs';

const text = readFileSync('deploy/compose.yml', 'utf8');
const all = (pattern) => [...text.matchAll(pattern)].map(([, found]) => found);
const { image, port } = station();
deepEqual(all(/^ {4}image: (\S+)$/gm), [image]);
deepEqual(all(/^ {6}- "([\d:]+)"$/gm), [`${port}:${port}`]);
deepEqual(all(/^ {2}(\w+):$/gm), ['station']);
