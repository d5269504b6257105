import { parseArgs } from 'node:util';
import { runPlants } from './run-plants.ts';
import { type SeedResult, simulate } from './simulate.ts';

const usage =
  'npm run sim -- [--seeds N] [--from S] [--json]   or   npm run sim -- --seed S [--trace]   or   npm run sim -- --plants [--json]';
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    plants: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(`${usage}\n`);
else process.exitCode = values.plants ? await runPlants(values) : await main();

async function main(): Promise<number> {
  const from = whole(values.seed ?? values.from, 'seed');
  const count = values.seed === undefined ? whole(values.seeds, 'number of seeds') : 1;
  const startedMs = performance.now();
  const tally = new Map<string, number>();
  let failed: SeedResult | null = null;
  let played = 0;
  for (; played < count && failed === null; played += 1) {
    const result = await simulate(
      from + played,
      values.trace ? { print: (line) => process.stdout.write(`${line}\n`) } : {},
    );
    for (const [what, times] of result.tally) tally.set(what, (tally.get(what) ?? 0) + times);
    if (result.broken !== null) failed = result;
    if (played % 100 === 99) process.stderr.write(`${played + 1} of ${count} seeds\n`);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  tell({ from, played, seconds, tally, failed });
  return failed === null ? 0 : 1;
}

function tell(run: {
  readonly from: number;
  readonly played: number;
  readonly seconds: number;
  readonly tally: ReadonlyMap<string, number>;
  readonly failed: SeedResult | null;
}): void {
  const { from, played, seconds, tally, failed } = run;
  const happened = Object.fromEntries([...tally].sort(([a], [b]) => a.localeCompare(b)));
  const repeat = failed === null ? null : `npm run sim -- --seed ${failed.seed} --trace`;
  const perSecond = Math.round((10 * played) / seconds) / 10;
  if (values.json) {
    const failure = failed === null ? null : { seed: failed.seed, ...failed.broken, repeat };
    const facts = {
      sim: 'seeds',
      ok: failed === null,
      from,
      seeds: played,
      seedsPerSecond: perSecond,
      happened,
    };
    process.stdout.write(`${JSON.stringify({ ...facts, failure })}\n`);
    return;
  }
  for (const [what, times] of Object.entries(happened))
    process.stdout.write(`${String(times).padStart(8)}  ${what}\n`);
  process.stdout.write(`${played} seeds from ${from} on in ${seconds.toFixed(1)} s, ${perSecond} a second\n`);
  if (failed === null) {
    process.stdout.write('No law was broken, and every rollout ended.\n');
    return;
  }
  process.stdout.write(`Seed ${failed.seed} broke a law after ${failed.broken?.atMs} ms.\n`);
  process.stdout.write(`  ${failed.broken?.law}\n  ${failed.broken?.what}\n  Repeat it: ${repeat}\n`);
}

function whole(text: string, what: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  process.stderr.write(`"${text}" is no ${what}. Use: ${usage}\n`);
  process.exit(2);
}
