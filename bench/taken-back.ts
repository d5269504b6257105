import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchResult, resultOf } from './bench.ts';
import { quantile } from './quantile.ts';
import { ServedProject } from './served-project.ts';
import { type Response, tippingResponse } from './tipping-response.ts';
import { type Seen, Users } from './users.ts';

const runs = 20;
const rate = 100;
const candidateShare = 0.2;
const failShare = 0.2;
/** No run begins after so long. */
const limitMs = 420_000;

interface TakenBack {
  /** From the response that tips the verdict to the last request that reached the candidate. */
  readonly reactionMs: number;
  /** From the first bad response of the candidate to the same. */
  readonly totalMs: number;
  readonly requests: number;
  readonly bad: number;
}

/** Real processes and router: how soon a candidate that fails one request in five has no users any more. */
export async function bench(): Promise<BenchResult> {
  const project = await ServedProject.make({
    replicas: 1,
    strategy: {
      kind: 'canary',
      steps: [{ setWeight: `${candidateShare * 100}%` }, { analyze: { bake: '30s', deadline: '60s' } }],
    },
    // What is measured is what users saw of the candidate.
    shield: 'off',
    soak: '0s',
    rollbackWindow: '0s',
  });
  const seen: Seen[] = [];
  let users: Users | null = null;
  const found: TakenBack[] = [];
  try {
    await project.add('U-1', 0);
    await project.add('U-2', failShare);
    await project.begin('U-1');
    users = new Users(project.url, {
      rate,
      asks: [{ method: 'GET', path: '/' }],
      onSeen: (one) => seen.push(one),
    });
    for (const begun = performance.now(); found.length < runs; ) {
      if (performance.now() - begun > limitMs) break;
      seen.length = 0;
      found.push(await takeBack(project, seen));
    }
  } finally {
    await users?.end();
    await project.close();
  }
  return judged(found);
}

async function takeBack(project: ServedProject, seen: readonly Seen[]): Promise<TakenBack> {
  // A second of stable traffic first, as every rollout has it.
  await sleep(1_000);
  const rollout = await project.deploy('U-2');
  const { ending, reason } = await project.ended(rollout);
  if (ending !== 'rolled-back') throw new Error(`the candidate ended ${ending}: ${reason}`);
  const responses = seen
    .flatMap(({ at, release, status, latencyMs }): readonly Response[] =>
      at === null
        ? []
        : [{ at, arm: release === 'U-2' ? 'candidate' : 'stable', bad: status !== 200, latencyMs }],
    )
    .sort((a, b) => a.at - b.at);
  const candidate = responses.filter(({ arm }) => arm === 'candidate');
  const bad = candidate.filter((response) => response.bad);
  const tip = tippingResponse({ stateDir: project.stateDir, rollout }, responses);
  const [first, last] = [bad[0], candidate.at(-1)];
  // What the router knew and the users did not see can only be a lost request.
  if (tip === null || first === undefined || last === undefined) {
    throw new Error(`no response tips the verdict, although it was: ${reason}`);
  }
  return {
    reactionMs: last.at - tip.at,
    totalMs: last.at - first.at,
    requests: candidate.length,
    bad: bad.length,
  };
}

function judged(found: readonly TakenBack[]): BenchResult {
  const complete = found.length === runs;
  const of = (values: readonly number[], share: number) => (complete ? quantile(values, share) : null);
  const reactions = found.map(({ reactionMs }) => reactionMs);
  const totals = found.map(({ totalMs }) => totalMs);
  return resultOf(
    [
      { key: 'reactionMedianMs', value: of(reactions, 0.5), relation: '<=', limit: 300 },
      { key: 'reactionWorstMs', value: of(reactions, 1), relation: '<=', limit: 1_000 },
      { key: 'totalMedianMs', value: of(totals, 0.5), relation: '<=', limit: 2_000 },
    ],
    [
      `${found.length} of ${runs} runs; users send ${rate} requests a second, ${candidateShare * 100} % to a candidate that fails ${failShare * 100} %`,
      'run  candidate requests  bad  tip to last request  first bad to last request',
      ...found.map(
        ({ reactionMs, totalMs, requests, bad }, k) =>
          `${String(k + 1).padStart(3)}${String(requests).padStart(20)}${String(bad).padStart(5)}` +
          `${`${reactionMs.toFixed(0)} ms`.padStart(21)}${`${totalMs.toFixed(0)} ms`.padStart(27)}`,
      ),
    ],
  );
}
