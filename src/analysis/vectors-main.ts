import { readFileSync } from 'node:fs';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { parseVectors, type VectorCase } from './vector-case.ts';
import { type Difference, differences } from './vector-difference.ts';
import { vectorKinds } from './vector-kinds.ts';

/** Checks a file of numeric cases: one line a case with its largest deviation; exits with 1 when one is out of tolerance. */
function main(path: string | undefined): number {
  const cases = parseVectors(read(path));
  const failed = cases.filter((entry) => !check(entry)).length;
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function check(entry: VectorCase): boolean {
  const label = `${entry.name} (${entry.kind})`;
  try {
    const found = differences(entry.expected, compute(entry));
    const wrong = found.filter(({ ok }) => !ok);
    const largest = found.reduce((most, { deviation }) => Math.max(most, deviation), 0);
    console.log(
      `${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${label}: largest deviation ${largest.toExponential(2)}`,
    );
    for (const difference of wrong) console.log(`         ${told(difference)}`);
    return wrong.length === 0;
  } catch (error) {
    const { message, remedy } = errorFacts(error);
    console.log(`FAILED ${label}: ${message} ${remedy}`);
    return false;
  }
}

function compute({ kind, input }: VectorCase): Readonly<Record<string, unknown>> {
  const known = Object.hasOwn(vectorKinds, kind) ? vectorKinds[kind] : undefined;
  if (known !== undefined) return known(input);
  throw new SluiceError({
    code: 'vector-kind-unknown',
    message: `There is no kind of case \`${kind}\`.`,
    remedy: `Known kinds: ${Object.keys(vectorKinds).join(', ')}.`,
  });
}

function told({ path, expected, actual, allowed }: Difference): string {
  return `${path}: expected ${JSON.stringify(expected)}, actual ${JSON.stringify(actual)}, allowed ${allowed}`;
}

function read(path: string | undefined): string {
  const remedy = 'Run `npm run vectors -- FILE` with the path of a JSON file of cases.';
  if (path === undefined)
    throw new SluiceError({ code: 'vectors-missing', message: 'No file is named.', remedy });
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { message } = errorFacts(cause);
    throw new SluiceError({
      code: 'vectors-missing',
      message: `Cannot read ${path}: ${message}.`,
      remedy,
      cause,
    });
  }
}

try {
  process.exitCode = main(process.argv[2]);
} catch (error) {
  const { message, remedy } = errorFacts(error);
  console.error(`${message}\n${remedy}`);
  process.exitCode = 1;
}
