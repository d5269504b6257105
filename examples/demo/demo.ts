/** A good release is promoted and a bad one taken back, under load: `npm run demo`, with `--fast`, `--json` and `--keep`. */
import { parseArgs } from 'node:util';
import { approveByQa, buildShop, type DemoProject, makeDemoProject } from './demo-project.ts';
import type { LoadLine } from './load-line.ts';
import { LoadProcess } from './load-process.ts';
import { RolloutWatch } from './rollout-watch.ts';
import { Screen } from './screen.ts';
import { SluiceCommand } from './sluice-command.ts';
import { keepReports, reported, writtenReports } from './written-reports.ts';

const { values: flags } = parseArgs({
  options: {
    fast: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    // Leaves the project with its journal, so that what happened can be replayed.
    keep: { type: 'boolean', default: false },
  },
});
const screen = new Screen(flags.json);
const units = { '1.0.0': 'U-40', '1.1.0': 'U-41', '1.2.0': 'U-42' } as const;
type Version = keyof typeof units;

const project = await makeDemoProject(flags);
const sluice = new SluiceCommand(project.root);
const endings = new Map<Version, string>();
const rollouts = new Map<string, string>();
let load: LoadProcess | null = null;
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
try {
  process.exitCode = (await play(project)) ? 0 : 1;
} catch (error) {
  process.exitCode = 1;
  if (!stopping) console.error(`The demo stopped: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await cleanUp();
  // What was interrupted failed because of that, whatever it failed with.
  if (stopping) process.exitCode = 130;
}

async function play({ root, production }: DemoProject): Promise<boolean> {
  for (const version of Object.keys(units) as Version[]) await add(root, version);

  screen.title('1.0.0, the first release: staging, then production');
  await deploy('1.0.0', 'staging');
  await deploy('1.0.0', 'production');

  const rate = flags.fast ? 450 : 350;
  load = new LoadProcess(production, { rate, seconds: 240, count: 100_000 });
  screen.title(`1.1.0, a good release, under ${rate} requests a second`);
  screen.legend();
  await deploy('1.1.0', 'staging');
  await deploy('1.1.0', 'production');

  screen.title('1.2.0, fails 3 % of requests and slows 10 %; its health checks are green');
  await deploy('1.2.0', 'staging');
  await deploy('1.2.0', 'production');
  // A second more, so that a request which Sluice lost after restoring would be counted.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const counted = await load.end();
  if (counted?.type !== 'end') throw new Error('the load generator gave no summary');
  return conclude(root, counted);
}

async function add(root: string, version: Version): Promise<void> {
  const unit = units[version];
  const added = await sluice.json([
    'artifact',
    'add',
    buildShop(root, version),
    '--service',
    'web',
    '--unit',
    unit,
  ]);
  const digest = (added as { readonly digest?: string }).digest;
  if (digest === undefined) throw new Error(`artifact add gave no digest: ${JSON.stringify(added)}`);
  await approveByQa(root, unit, digest);
  screen.note(`shop ${version} is artifact ${digest.slice(0, 19)}, approved by QA as ${unit}`);
}

/** Waits for the end of the rollout; the watch beside it approves and shows. */
async function deploy(version: Version, environment: 'staging' | 'production'): Promise<void> {
  if (stopping) throw new Error('interrupted');
  const watch = environment === 'production' ? new RolloutWatch(version, { sluice, screen, load }) : null;
  const watching = watch?.run();
  const limit = setTimeout(() => sluice.stop(), 90_000);
  try {
    const ended = sluice.json(['deploy', 'web', '--to', environment, '--unit', units[version]], (line) => {
      const { type, text } = line as { readonly type?: string; readonly text?: string };
      if (type !== 'end' && text !== undefined) screen.step(environment, text);
    });
    // A watch that fails ends the wait: nobody would approve.
    const watched = watching?.then(() => ended) ?? ended;
    const end = (await Promise.race([ended, watched])) as {
      readonly ending?: string;
      readonly rollout?: unknown;
    };
    screen.step(environment, `${version} ${end.ending}`);
    await tellReason(environment);
    const id = idOf(end.rollout);
    if (environment === 'production') endings.set(version, end.ending ?? 'unknown');
    if (environment === 'production' && id !== null) rollouts.set(units[version], id);
    else if (end.ending !== 'succeeded') throw new Error(`${version} ended ${end.ending} on staging`);
  } finally {
    clearTimeout(limit);
    watch?.stop();
    await watching?.catch(() => {});
  }
}

/** Why the newest rollout went back; nothing where it did not. */
async function tellReason(environment: string): Promise<void> {
  const history = await sluice.json(['history']);
  if (!Array.isArray(history)) return;
  const newest = history.find(({ target }) => String(target).includes(environment));
  if (typeof newest?.reason === 'string') screen.paragraph(`because: ${newest.reason}`);
}

function idOf(rollout: unknown): string | null {
  if (typeof rollout === 'string') return rollout;
  const id = (rollout as { readonly rollout?: unknown } | null | undefined)?.rollout;
  return typeof id === 'string' ? id : null;
}

async function conclude(root: string, counted: LoadLine): Promise<boolean> {
  const bad = counted.versions['1.2.0'];
  const rollout = rollouts.get('U-42');
  const { decidedAt: decided, shielded } =
    rollout === undefined ? { decidedAt: null, shielded: null } : await reported(sluice, rollout);
  const detectionMs = bad === undefined || decided === null ? null : Math.max(0, decided - bad.firstAt);
  const restoreMs = bad === undefined || decided === null ? null : Math.max(0, bad.lastAt - decided);
  const named = (wanted: string) =>
    [...endings].filter(([, how]) => how === wanted).map(([version]) => version);
  const promoted = named('succeeded').filter((version) => version !== '1.0.0');
  const rolledBack = named('rolled-back');
  const [failed, slow] = [bad?.failed ?? 0, bad?.slow ?? 0];
  const failedBySluice = counted.sluiceFailures;
  const reports = await writtenReports(root, sluice, rollouts);
  const summary = {
    served: counted.served,
    harmed: failed + slow,
    harmedFailed: failed,
    harmedSlow: slow,
    shielded,
  };
  const ms = (value: number | null) => (value === null ? 'not measured' : `${value} ms`);
  screen.summary({ ...summary, failedBySluice, promoted, rolledBack, detectionMs, restoreMs, reports }, [
    ['promoted', promoted.join(', ') || 'none'],
    ['taken back', rolledBack.join(', ') || 'none'],
    ['requests served', String(counted.served)],
    ['harmed by 1.2.0', `${failed + slow}: ${failed} failed, ${slow} slow (over 100 ms)`],
    ['shielded from 1.2.0', `${shielded ?? 'not known'}: it failed, and stable answered instead`],
    ['failed because of Sluice', String(failedBySluice)],
    ['detected after', `${ms(detectionMs)} of its traffic`],
    ['restored after', `${ms(restoreMs)} from the decision`],
    ['reports', reports.length === 0 ? 'none' : `${reports.length}:`],
  ]);
  if (!flags.json) for (const path of reports) console.log(`  ${path}`);
  for (const { at, what } of counted.failedAt.filter(({ version }) => version === null)) {
    console.error(`failed because of Sluice: ${new Date(at).toISOString()} ${what}`);
  }
  return failedBySluice === 0 && promoted.join() === '1.1.0' && rolledBack.join() === '1.2.0';
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  console.error('Stopping; everything that was started is being ended.');
  sluice.stop();
}

async function cleanUp(): Promise<void> {
  await load?.end();
  try {
    await sluice.text(['down']);
  } catch (error) {
    process.exitCode = 1;
    console.error(`sluice down failed: ${error instanceof Error ? error.message : String(error)}`);
    console.error(`The project is left as it is: ${project.root}`);
    return;
  }
  if (flags.keep) console.error(`The project and its journal are kept: ${project.root}`);
  else await keepReports(project.root);
}
