import { Coverage, leastShare } from './coverage.ts';
import { equalCopies } from './equal-copies.ts';
import { shrink } from './shrink.ts';
import { type SeedResult, simulate } from './simulate.ts';

export interface SeedsToPlay {
  readonly from: number;
  readonly count: number;
  /** Goes on after a seed that broke a law. */
  readonly keepGoing: boolean;
  readonly json: boolean;
}

interface Played {
  readonly coverage: Coverage;
  readonly failed: readonly SeedResult[];
  readonly seconds: number;
}

/** Plays one seed after the other and tells what it came to; the exit code. */
export async function runSeeds(asked: SeedsToPlay): Promise<number> {
  const played = await play(asked);
  for (const failed of played.failed) await tellFailure(failed, asked);
  tellCoverage(played, asked);
  tellSummary(played, asked);
  const { tooMany } = equalCopies(played.coverage.times);
  return played.failed.length === 0 && !tooMany ? 0 : 1;
}

/** One seed again, with everything that happened, or its journal as lines of JSON. */
export async function runSeed(
  seed: number,
  { json, trace, journal }: { readonly json: boolean; readonly trace: boolean; readonly journal: boolean },
): Promise<number> {
  const startedMs = performance.now();
  const result = await simulate(seed, trace ? { print } : {});
  if (journal) {
    for (const { type, data, at, actor } of result.journal) print(JSON.stringify({ type, data, at, actor }));
    return result.broken === null ? 0 : 1;
  }
  const coverage = new Coverage();
  coverage.add(result.tally);
  const failed = result.broken === null ? [] : [result];
  if (!trace) for (const one of failed) await tellFailure(one, { json });
  tellSummary({ coverage, failed, seconds: secondsSince(startedMs) }, { json, from: seed });
  return failed.length;
}

async function play({ from, count, keepGoing }: SeedsToPlay): Promise<Played> {
  const startedMs = performance.now();
  const coverage = new Coverage();
  const failed: SeedResult[] = [];
  for (let seed = from; seed < from + count && (keepGoing || failed.length === 0); seed += 1) {
    const result = await simulate(seed);
    coverage.add(result.tally);
    if (result.broken !== null) failed.push(result);
    if (coverage.seeds % 100 === 0) process.stderr.write(`${coverage.seeds} of ${count} seeds\n`);
  }
  return { coverage, failed, seconds: secondsSince(startedMs) };
}

/** What broke which law, and the shortest run that breaks it too. */
async function tellFailure(failed: SeedResult, { json }: { readonly json: boolean }): Promise<void> {
  const { only, result, runs } = await shrink(failed);
  const story: string[] = [];
  await simulate(failed.seed, { only, narrate: (line) => story.push(line) });
  const { seed, broken } = failed;
  const repeat = `npm run sim -- --seed ${seed} --trace`;
  if (json) {
    print(JSON.stringify({ type: 'failure', seed, ...broken, repeat, only, story }));
    return;
  }
  print(`Seed ${seed} broke a law after ${broken?.atMs} ms.\n  ${broken?.law}\n  ${broken?.what}`);
  print(`\nWhat it takes, found in ${runs} runs: ${only.length === 0 ? 'nothing' : ''}`);
  for (const name of only) print(`  - ${name}`);
  print(`\nThe story of that, in seconds:\n${story.join('\n')}\n\nRepeat it: ${repeat}`);
  if (result.broken?.what !== broken?.what) print(`(${result.broken?.what})`);
}

function tellCoverage({ coverage }: Played, { json }: SeedsToPlay): void {
  const shares = coverage.shares();
  if (json) {
    print(JSON.stringify({ type: 'coverage', seeds: coverage.seeds, ...shares }));
    return;
  }
  for (const [group, of] of Object.entries(shares)) {
    print(`Each ${group}, and the share of seeds that met it:`);
    for (const [what, share] of Object.entries(of)) {
      const times = coverage.times.get(what) ?? 0;
      print(
        `${share < leastShare ? '✗' : ' '} ${(100 * share).toFixed(1).padStart(5)} %  ${what} (${times} times)`,
      );
    }
  }
}

function tellSummary(
  { coverage, failed, seconds }: Played,
  { json, from }: { readonly json: boolean; readonly from: number },
): void {
  const rolloutsPerSecond = Math.round((10 * coverage.rollouts) / seconds) / 10;
  const coverageMin = Math.round(10_000 * coverage.min) / 10_000;
  const equal = equalCopies(coverage.times);
  if (json) {
    const { copied: equalCopied, failed: equalFailed } = equal;
    const measured = { rolloutsPerSecond, coverageMin, equalCopied, equalFailed };
    const facts = { seeds: coverage.seeds, failed: failed.length, ...measured };
    print(JSON.stringify({ type: 'summary', ...facts }));
    return;
  }
  print(
    `${coverage.seeds} seeds from ${from} on in ${seconds.toFixed(1)} s, ${rolloutsPerSecond} rollouts a second.`,
  );
  const many = equal.tooMany ? ': more than chance explains' : '';
  print(`Copies failed ${equal.failed} of ${equal.copied} releases that are no worse than stable${many}.`);
  if (failed.length > 0) print(`${failed.length} broke a law: ${failed.map(({ seed }) => seed).join(', ')}`);
  else print('No law was broken, and every rollout ended.');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1_000;
}
