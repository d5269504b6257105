import { setTimeout as sleep } from 'node:timers/promises';
import { callController } from '../src/daemon/socket-client.ts';
import { type BenchResult, resultOf } from './bench.ts';
import { median, quantile } from './quantile.ts';
import { ServedProject } from './served-project.ts';
import { type Seen, Users } from './users.ts';

const runs = 20;
/** Projects between which the runs of a case are divided. */
const lanes = 2;
const rate = 200;
const weight = '5%';
const stableFailShare = 0.01;
/** No run begins after so long. */
const limitMs = 900_000;

interface Case {
  readonly key: string;
  readonly failShare: number;
  readonly shield: 'on' | 'off';
  /** Median of `harmed`. */
  readonly atMost: number;
}

const cases: readonly Case[] = [
  { key: 'shielded20', failShare: 0.2, shield: 'on', atMost: 0 },
  { key: 'shielded5', failShare: 0.05, shield: 'on', atMost: 0 },
  { key: 'bare20', failShare: 0.2, shield: 'off', atMost: 6 },
  { key: 'bare5', failShare: 0.05, shield: 'off', atMost: 12 },
];

interface Run {
  /** Users who got an answer that was not good, not from stable, and that stable would have given well. */
  readonly harmed: number;
  /** With those whom stable would have failed just so. */
  readonly seen: number;
  /** By Sluice's own report: what the candidate was given, failed, and what stable answered instead. */
  readonly requests: number;
  readonly failed: number;
  readonly shielded: number;
  /** From the first answer of the candidate to the decision. */
  readonly decidedMs: number;
}

/** Real processes and router: how many users a bad candidate harms until it is taken back, with the shield and without. */
export async function bench(): Promise<BenchResult> {
  const found = new Map<Case, readonly Run[]>();
  // Two cases at a time, each in two projects: they mostly wait for traffic, and more would crowd a small machine.
  for (const share of new Set(cases.map(({ failShare }) => failShare))) {
    const pair = cases.filter(({ failShare }) => failShare === share);
    await Promise.all(pair.map(async (one) => found.set(one, await inLanes(one))));
  }
  const of = (wanted: Case) => found.get(wanted) ?? [];
  return resultOf(
    cases.map((one) => ({ key: one.key, value: medianHarmed(of(one)), relation: '<=', limit: one.atMost })),
    [
      `users send ${rate} GETs a second, ${weight} to the candidate; stable fails ${stableFailShare * 100} %; medians of ${runs} runs`,
      'case        runs  harmed (most)  with usual  failed  shielded  candidate requests  decided after',
      ...cases.map((one) => line(one, of(one))),
    ],
  );
}

async function inLanes(one: Case): Promise<readonly Run[]> {
  const found = await Promise.all(Array.from({ length: lanes }, () => played(one)));
  return found.flat();
}

async function played({ failShare, shield }: Case): Promise<readonly Run[]> {
  const project = await ServedProject.make({
    replicas: 1,
    strategy: {
      kind: 'canary',
      steps: [{ setWeight: weight }, { analyze: { bake: '10m', deadline: '20m' } }],
    },
    shield,
    soak: '0s',
    rollbackWindow: '0s',
  });
  const seen: Seen[] = [];
  const found: Run[] = [];
  let users: Users | null = null;
  try {
    await project.add('U-1', stableFailShare, stableFailShare);
    await project.add('U-2', failShare, stableFailShare);
    await project.begin('U-1');
    users = new Users(project.url, {
      rate,
      asks: [{ method: 'GET', path: '/' }],
      onSeen: (one) => seen.push(one),
    });
    for (
      const begun = performance.now();
      found.length < runs / lanes && performance.now() - begun < limitMs;
    ) {
      seen.length = 0;
      found.push(await takeBack(project, seen));
    }
  } finally {
    await users?.end();
    await project.close();
  }
  return found;
}

async function takeBack(project: ServedProject, seen: readonly Seen[]): Promise<Run> {
  // A second of stable traffic first, as every rollout has it.
  await sleep(1_000);
  const rollout = await project.deploy('U-2');
  const { ending, reason } = await project.ended(rollout, 300_000);
  if (ending !== 'rolled-back') throw new Error(`the candidate ended ${ending}: ${reason}`);
  const failures = seen.filter(({ release, status }) => status !== 200 && release !== 'U-1');
  const harmed = failures.filter(({ usual }) => !usual).length;
  const first = Math.min(
    ...seen.flatMap(({ at, release }) => (release === 'U-2' && at !== null ? [at] : [])),
  );
  const { facts } = await callController(project.stateDir, 'report', { rollout });
  const { requests = 0, served = 0, shielded = 0 } = facts.users ?? {};
  const decidedMs = (facts.decidedBackAt ?? Number.NaN) - first;
  return { harmed, seen: failures.length, requests, failed: requests - served, shielded, decidedMs };
}

function medianHarmed(found: readonly Run[]): number | null {
  return found.length === runs ? median(found.map(({ harmed }) => harmed)) : null;
}

function line({ key }: Case, found: readonly Run[]): string {
  const of = (read: (run: Run) => number, share = 0.5) => quantile(found.map(read), share);
  const harmed = `${of((one) => one.harmed)} (${of((one) => one.harmed, 1)})`;
  const cells = [
    of((one) => one.seen),
    of((one) => one.failed),
    of((one) => one.shielded),
    of((one) => one.requests),
  ];
  return `${key.padEnd(10)}${String(found.length).padStart(6)}${harmed.padStart(15)}${cells
    .map((cell, k) => String(cell).padStart([12, 8, 10, 20][k] ?? 8))
    .join('')}${`${of((one) => one.decidedMs).toFixed(0)} ms`.padStart(15)}`;
}
