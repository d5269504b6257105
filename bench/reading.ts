import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFiles } from '../src/engine/workflow/check-files.ts';
import { noBindings } from '../src/workflow/plan/bindings.ts';
import { readDocument } from '../src/workflow/reading/read-document.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { median } from './quantile.ts';
import { generatedMonolith } from './workflow-generator.ts';

const seeds = join(import.meta.dirname, '../../shared/seeds');
const rounds = 5;
const oneMb = 1_000_000;
/** Bytes of a generated document for each of its steps, at least. */
const stepBytes = 370;
const stepsEach = 10;

/** What `sluice workflow check` does of documents that are in memory: reading, plan, every problem. */
export async function bench(): Promise<BenchResult> {
  const here = existsSync(seeds);
  const documents = here ? readdirSync(seeds).map((name) => readFileSync(join(seeds, name))) : [];
  const large = [documentOf(oneMb), documentOf(10 * oneMb)] as const;
  const seedsMs = here ? median(times(() => documents.forEach(check))) : null;
  const oneMbMs = median(times(() => check(large[0])));
  const tenMbMs = median(times(() => check(large[1]), 3));
  const readMs = median(times(() => readDocument(large[1]), 3));
  return resultOf(
    [
      { key: 'seedsMs', value: seedsMs, relation: '<=', limit: 100 },
      { key: 'tenMbMs', value: tenMbMs, relation: '<=', limit: 5_000 },
      { key: 'growth', value: tenMbMs / oneMbMs, relation: '<=', limit: 12 },
    ],
    [
      here ? `${documents.length} seeds one after the other` : `no seeds in ${seeds}`,
      ...large.map((bytes) => `generated: ${(bytes.length / 2 ** 20).toFixed(2)} MiB`),
      `checked in ${oneMbMs.toFixed(0)} ms and ${tenMbMs.toFixed(0)} ms; of these ${readMs.toFixed(0)} ms for reading the larger one`,
    ],
    here ? null : 'the seeds',
  );
}

function documentOf(bytes: number): Uint8Array {
  const subtasks = bytes / stepBytes / stepsEach;
  const size = { tasks: Math.ceil(subtasks / 10), subtasksEach: 10, stepsEach };
  return Buffer.from(generatedMonolith(size));
}

function check(bytes: Uint8Array): void {
  const documents = [{ file: 'document.md', bytes }];
  const input = { documents, bindings: noBindings, files: [], texts: new Map<string, string>() };
  const [checked] = checkFiles(input, undefined);
  if (checked === undefined) throw new Error('nothing was read');
}

/** Of several runs after one that warms up. */
function times(work: () => void, most = rounds): readonly number[] {
  work();
  return Array.from({ length: most }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
}
