// The agent of this example: it reads the brief of a step on standard input and does what the step says. A real one would be a
// language model; Sluice treats both alike, and believes neither.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { station, table } from './data/table.mjs';

const { image, port, frostBelow, silentAfter } = station();

const work = {
  'P01-T01-S01-01': () => write('station/readings.json', `${JSON.stringify(table(), null, 2)}\n`),
  'P01-T01-S03-01': () =>
    write(
      'code/frost.mjs',
      `/** Days on which a sensor measured less than 0 degrees, in order, each once. */
export function frostDays(readings) {
  const cold = readings.filter(({ celsius }) => celsius < ${frostBelow});
  return [...new Set(cold.map(({ day }) => day))].sort();
}
`,
    ),
  'P01-T01-S05-01': () =>
    write(
      'deploy/compose.yml',
      `services:
  station:
    image: ${image}
    restart: unless-stopped
    read_only: true
    ports:
      - "${port}:${port}"
`,
    ),
  'P01-T01-S06-01': () =>
    write(
      'deploy/main.tf',
      `resource "aws_security_group" "station" {
  description = "Weather station, http only"
  ingress {
    from_port   = ${port}
    to_port     = ${port}
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
`,
    ),
  'P01-T01-S07-01': () =>
    write(
      'deploy/alert-rules.yml',
      `groups:
  - name: weather
    rules:
      - alert: Frost
        expr: station_celsius < ${frostBelow}
        labels: { severity: page }
      - alert: Silence
        expr: absent_over_time(station_celsius[${silentAfter}])
        labels: { severity: ticket }
`,
    ),
  'P01-T01-S08-01': () => {
    const mean = (all) => all.reduce((sum, { celsius }) => sum + celsius, 0) / all.length;
    const offset = (name) => mean(table().filter(({ sensor }) => sensor === name)) - mean(table());
    write(
      'calibration/offsets.json',
      `${JSON.stringify({ north: offset('north'), south: offset('south') })}\n`,
    );
  },
};

function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const [, step = ''] = /^# (\S+):/.exec(readFileSync(0, 'utf8')) ?? [];
if (work[step] === undefined) throw new Error(`nobody told me how to do ${step}`);
work[step]();
console.log(`${step} is done`);
