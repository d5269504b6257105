// The machine lets in what the station listens on, and no more.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { station } from '../data/table.mjs';

const text = readFileSync('deploy/main.tf', 'utf8').replace(/#.*$/gm, '');
const ports = [...text.matchAll(/\b(?:from|to)_port\s*=\s*(\d+)/g)].map(([, port]) => Number(port));
const { port } = station();
deepEqual(ports, [port, port]);
