import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseEnvironmentName } from '../src/base/ids.ts';
import type { ProjectConfig } from '../src/config/config.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { collectSooner } from '../src/daemon/collect-sooner.ts';
import { Outbox } from '../src/daemon/outbox.ts';
import { Controller } from '../src/engine/controller.ts';
import type { ControllerParts } from '../src/engine/controller-parts.ts';
import { RetentionRunner } from '../src/engine/retention-runner.ts';
import type { Journal } from '../src/journal/journal.ts';
import { openSqliteJournal } from '../src/journal/sqlite-journal.ts';
import { memoryArtifactStore } from '../src/ports/artifact/memory.ts';
import { MemoryCommandRunner } from '../src/ports/command/memory-command-runner.ts';
import { memoryMetrics } from '../src/ports/metrics/memory.ts';
import { memoryQaReports } from '../src/ports/qa/memory.ts';
import { MemoryRuntime } from '../src/ports/runtime/memory-runtime.ts';
import { DueClock } from './due-clock.ts';
import { environmentName, listenOf } from './many-targets.ts';
import { waitedMs } from './process-figures.ts';

import { SteadyTraffic } from './steady-traffic.ts';

/** What one controller did with so many rollouts at once. */
export interface ManyRollouts {
  readonly rollouts: number;
  readonly finished: number;
  /** From the moment that a batch is due until its events are on disk, ms. */
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly batchesPerSecond: number;
  /** From one batch of a rollout to its next, ms. */
  readonly tickMs: number;
  /** Of one core, while nothing but measuring and deciding goes on. */
  readonly cpuPercent: number;
  /** Of the same time, in which it was ready to run and others had the core: its delays are longer by that. */
  readonly waitedPercent: number;
  readonly rssMb: number;
  /** From the first deploy until every candidate has users, ms. */
  readonly startMs: number;
  /** Events that the outbox still had to pass when the watching began: it goes on beside it. */
  readonly untold: number;
}

/** By stream: when the look at its target was due that its next batch comes from. */
type Asked = Map<string, number>;

const clock = new DueClock();
const settleMs = 5_000;
const watchMs = 15_000;
const startLimitMs = 300_000;
const tellLimitMs = 120_000;

const [rollouts = 0, each = 1] = process.argv.slice(2).map(Number);
const filler = join(import.meta.dirname, 'fill-journal.ts');
const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-bench-')));
await main();

/** In a process of its own: `node many-rollouts.ts <rollouts at once> <finished before, of each target>`. */
async function main(): Promise<void> {
  try {
    console.log(JSON.stringify(await run()));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function run(): Promise<ManyRollouts> {
  const directory = join(root, 'journal');
  // By another process: what filling takes in memory is no part of what a controller has.
  await promisify(execFile)(process.execPath, [filler, directory, `${rollouts}`, `${each}`]);
  collectSooner();
  const journal = await openSqliteJournal({ directory });
  // What has ended was told when it ended.
  await writeFile(join(root, 'outbox-cursor'), `${(await journal.head())?.sequence ?? 0}\n`);
  const asked: Asked = new Map();
  const parts = await partsOf(journal, asked);
  const taken = await journal.acquireLease('controller', 'bench', { now: Date.now(), ttlMs: 3_600_000 });
  const controller = new Controller(parts, taken.lease);
  await controller.open();
  const outbox = new Outbox(parts, controller);
  await outbox.open();
  const retention = new RetentionRunner(parts, controller);
  retention.open();
  const told = lastTold(journal);
  const startMs = await deployAll(controller);
  await sleep(settleMs);
  const untold = await leftToTell(told);
  const watched = await watch(journal, asked);
  await retention.close();
  await outbox.close();
  await controller.close();
  await parts.runtime.close();
  await journal.close();
  return { rollouts, finished: rollouts * each, startMs, untold, ...watched };
}

async function partsOf(journal: Journal, asked: Asked): Promise<ControllerParts> {
  const config = await configOf();
  const artifacts = memoryArtifactStore();
  const qa = memoryQaReports();
  artifacts.inputs.set('build', { 'server.js': { type: 'file', mode: 0o644, text: '// new' } });
  const input = { path: 'build', service: 'web', unit: 'U-99', version: '2.0.0', commit: null, dirty: false };
  const { digest } = await artifacts.add({ ...input, at: clock.now(), by: 'ada' } as Parameters<
    typeof artifacts.add
  >[0]);
  qa.approve('U-99' as Parameters<typeof qa.approve>[0], [
    `artifact: ${digest}`,
    `date: ${new Date().toISOString()}`,
  ]);
  return {
    stateDir: root,
    clock,
    config: async () => config,
    journal,
    // The releases of the past were never added here.
    artifacts: { ...artifacts, verify: async () => ({ ok: true }), materialise: async () => root },
    runtime: new MemoryRuntime({ clock }),
    traffic: new SteadyTraffic(clock, (target) => asked.set(`target/${target}`, clock.dueMs)),
    commands: new MemoryCommandRunner({ clock }),
    metrics: memoryMetrics(),
    qa,
    notifier: { deliver: async () => {} },
    saveFile: async () => {},
    log: (line) => console.error(line),
  };
}

/** A file holds at most a thousand or so environments: one is read, and the others are like it. */
async function configOf(): Promise<ProjectConfig> {
  const environment = {
    listen: listenOf(0),
    replicas: 2,
    soak: '0s',
    strategy: { kind: 'canary', steps: [{ setWeight: '30%' }, { pause: 'until-resumed' }] },
  };
  const file = join(root, 'sluice.yml');
  const services = { web: { start: 'node server.js' } };
  const text = { project: 'bench', services, environments: { [environmentName(0)]: environment } };
  await writeFile(file, JSON.stringify(text));
  const loaded = await loadConfig(file, { env: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems.slice(0, 3)));
  const environments = Array.from({ length: rollouts }, (_, index) =>
    loaded.config.environments.map((one) => ({
      ...structuredClone(one),
      name: parseEnvironmentName(environmentName(index)),
      listen: listenOf(index),
    })),
  );
  return { ...loaded.config, environments: environments.flat() };
}

async function deployAll(controller: Controller): Promise<number> {
  const api = controller.api('bench');
  const begun = performance.now();
  let next = 0;
  const deploy = async () => {
    while (next < rollouts) {
      const to = environmentName(next);
      next += 1;
      await api.deploy({ service: 'web', to, unit: 'U-99' });
    }
  };
  await Promise.all(Array.from({ length: 50 }, deploy));
  const served = () =>
    controller.targets().filter(({ state }) => {
      const { rollout } = state();
      return rollout?.phase === 'forward' && rollout.weight > 0;
    }).length;
  const until = begun + startLimitMs;
  while (served() < rollouts) {
    if (performance.now() > until)
      throw new Error(`only ${served()} of ${rollouts} candidates had users after ${startLimitMs / 1_000} s`);
    await sleep(100);
  }
  return performance.now() - begun;
}

/** Gives the sequence of the last event that the outbox has something to write for: the plan of a deploy. */
function lastTold(journal: Journal): () => number {
  let last = 0;
  journal.subscribe(({ type, sequence }) => {
    if (type === 'RolloutPlanned') last = sequence;
  });
  return () => last;
}

/**
 * Plans and notices of so many deploys at one moment take longer than the deploys, and are no part of what is watched: they
 * are waited for, but not for ever. Gives how many events are left to be passed.
 */
async function leftToTell(told: () => number): Promise<number> {
  const left = async () =>
    told() - Number(await readFile(join(root, 'outbox-cursor'), 'utf8').catch(() => '0'));
  const until = performance.now() + tellLimitMs;
  while ((await left()) > 0 && performance.now() < until) await sleep(100);
  return Math.max(0, await left());
}

async function watch(journal: Journal, asked: Asked) {
  const delays: number[] = [];
  const unsubscribe = journal.subscribe(({ type, stream }) => {
    const dueMs = asked.get(stream);
    if (type === 'BatchRecorded' && dueMs !== undefined) delays.push(performance.now() - dueMs);
  });
  const cpu = process.cpuUsage();
  const waited = await waitedMs(process.pid);
  const begun = performance.now();
  let rss = 0;
  while (performance.now() - begun < watchMs) {
    await sleep(250);
    rss = Math.max(rss, process.memoryUsage.rss());
  }
  unsubscribe();
  const tookMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor(share * delays.length)] ?? Number.NaN;
  const batchesPerSecond = (1_000 * delays.length) / tookMs;
  return {
    delayP50Ms: at(0.5),
    delayP99Ms: at(0.99),
    tickMs: (1_000 * rollouts) / batchesPerSecond,
    batchesPerSecond,
    cpuPercent: (user + system) / tookMs / 10,
    waitedPercent: (100 * ((await waitedMs(process.pid)) - waited)) / tookMs,
    rssMb: rss / 2 ** 20,
  };
}
