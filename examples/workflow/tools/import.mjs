// Reads the table and writes the average of each day to out/averages.csv.
import { mkdirSync, writeFileSync } from 'node:fs';
import { table } from '../data/table.mjs';

const readings = table();
const days = new Map();
for (const { day, celsius } of readings) days.set(day, [...(days.get(day) ?? []), celsius]);
const lines = [...days].map(([day, all]) => `${day},${all.reduce((sum, one) => sum + one, 0) / all.length}`);
mkdirSync('out', { recursive: true });
writeFileSync('out/averages.csv', `day,celsius\n${lines.join('\n')}\n`);
console.log(`${readings.length} readings imported, ${days.size} days averaged`);
