// Ends the service that tools/start.mjs has started.
import { readFileSync, rmSync } from 'node:fs';

process.kill(Number(readFileSync('out/station.pid', 'utf8')));
rmSync('out/station.pid');
