import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.ts';

/**
 * `npm run fuzz -- --cases N --seed S`: compares N generated cases, from number S on, with Node's own parser. Exit code 1
 * when one differs. The last line is JSON with `--json`.
 */
function main(): number {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const [cases, seed] = [Number(values.cases), Number(values.seed)];
  if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed) || seed < 0) {
    process.stderr.write('--cases takes a whole number from 1 up, --seed one from 0 up.\n');
    return 2;
  }
  const { accepted, refused, differences, cases: done } = runFuzz(seed, cases);
  process.stdout.write(`${done} cases, ${accepted} messages accepted by both alike\n`);
  for (const [problem, { here, onlyHere }] of Object.entries(refused).sort()) {
    process.stdout.write(`  refused for ${problem}: ${here}, of which llhttp accepts ${onlyHere}\n`);
  }
  for (const { number, what, text } of differences) {
    process.stdout.write(`✗ case ${number}: ${what}\n  ${JSON.stringify(text)}\n`);
    process.stdout.write(`  again: npm run fuzz -- --cases 1 --seed ${number}\n`);
  }
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ type: 'fuzz', cases: done, accepted, refused, differences: differences.length })}\n`,
    );
  }
  return differences.length > 0 ? 1 : 0;
}

process.exitCode = main();
