import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanNode } from '../src/workflow/plan/plan.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { type Campaign, cheat, type Tried } from './cheater/campaign.ts';
import { tryFixture } from './cheater/fixture.ts';
import { generatedDocument } from './cheater/generated-document.ts';

/** An executor that only pretends, on every step of a large document; an honest one, and what it did falsified. See bench/README.md. */
export async function bench(): Promise<BenchResult> {
  const { text, from } = largeDocument();
  const lines = [`The cheating executor, on ${from}:`];
  const fixture = tryFixture();
  const done = await inTurn(campaigns, 3, async (campaign) => {
    const tried = await cheat(text, campaign, campaign.probes === 'gullible' ? isOnlyFiles : undefined);
    lines.push(told(campaign, tried));
    return tried;
  });
  const succeeded = done.flat().filter(({ verdict }) => verdict.kind === 'succeeded');
  const { steps, kinds, honestFailed, falsehoods, falsifiedMissed } = await fixture;
  lines.push(
    `The honest executor, on examples/workflow: ${steps} steps with ${kinds.length} kinds of criteria`,
    ...honestFailed.map((one) => `    ✗ ${one}`),
    `The same with one thing falsified, ${falsehoods} times`,
    ...falsifiedMissed.map((one) => `    ✗ ${one}`),
  );
  // A cheater that fools nobody, and a fixture without some kind of criterion, would show nothing.
  const fools = done.flat().some(({ naively }) => naively);
  const zero = { relation: '<=', limit: 0 } as const;
  return resultOf(
    [
      { key: 'cheaterSucceeded', value: fools ? succeeded.length : null, ...zero },
      { key: 'honestFailed', value: kinds.length === 12 ? honestFailed.length : null, ...zero },
      { key: 'falsifiedMissed', value: honestFailed.length > 0 ? null : falsifiedMissed.length, ...zero },
    ],
    lines,
  );
}

const routes = ['agent', 'unconfined', 'run', 'outside'] as const;

const campaigns: readonly Campaign[] = [
  ...routes.map((route): Campaign => ({ route, trick: 'phrase', probes: 'none' })),
  ...routes.map((route): Campaign => ({ route, trick: 'tamper', probes: 'real' })),
  ...(['padded', 'copied', 'shell'] as const).map(
    (trick): Campaign => ({ route: 'unconfined', trick, probes: 'gullible' }),
  ),
];

/** Beside a probe that says yes to everything only the look at the file itself is left, which an output does not have. */
function isOnlyFiles({ criteria }: PlanNode): boolean {
  return criteria.every(({ label, kind }) => label === 'probe' || kind.startsWith('file-'));
}

function told({ route, trick, probes }: Campaign, tried: readonly Tried[]): string {
  const count = (kind: string) => tried.filter(({ verdict }) => verdict.kind === kind).length;
  const naively = tried.filter((one) => one.naively).length;
  const passed = tried.filter(({ verdict }) => verdict.kind === 'succeeded');
  const named = passed.slice(0, 5).map(({ step }) => `\n    ✗ ${step} SUCCEEDED`);
  return `  ${route.padEnd(10)} ${trick.padEnd(6)} ${probes.padEnd(8)} probes: ${tried.length} steps, ${naively} pass a checker that looks for phrases; SUCCEEDED ${passed.length}, UNPROVEN ${count('unproven')}, FAILED ${count('failed')}${named.join('')}`;
}

function largeDocument(): { readonly text: string; readonly from: string } {
  const [path] = globSync(join(import.meta.dirname, '..', '..', 'shared', 'seeds', '003_*'));
  return path === undefined
    ? { text: generatedDocument(), from: 'a generated document of the same shapes (seed 003 is not here)' }
    : { text: readFileSync(path, 'utf8'), from: 'seed 003' };
}

/** At most `width` at once; results in the order of `all`. */
async function inTurn<One, Result>(
  all: readonly One[],
  width: number,
  work: (one: One) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = all.entries();
  const worker = async () => {
    for (const [index, one] of waiting) results[index] = await work(one);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
