import { readFileSync } from 'node:fs';

/** The readings as they were measured: `{ day, sensor, celsius }`. */
export function table() {
  const [, ...lines] = readFileSync(new URL('readings.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [day, sensor, celsius] = line.split(',');
    return { day, sensor, celsius: Number(celsius) };
  });
}

/** What the station is: `{ image, port, frostBelow, silentAfter }`. */
export function station() {
  return JSON.parse(readFileSync(new URL('station.json', import.meta.url), 'utf8'));
}
