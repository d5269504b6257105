import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import type { RouteTable } from '../../base/route-table.ts';
import { errorFacts } from '../../base/sluice-error.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { StatePlace } from '../../daemon/project-place.ts';
import { version } from '../../daemon/version.ts';
import { outputOf } from '../output.ts';
import { stateOf } from '../place-of.ts';
import { type Check, fail } from './check.ts';
import { checkAccessLogs } from './check-access-logs.ts';
import { checkAssets } from './check-assets.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkClock, checkDisk, checkNode } from './check-machine.ts';
import { checkNotices } from './check-notices.ts';
import { checkController, checkRouter, tablesOf } from './check-processes.ts';
import { checkCommands, checkConfig, checkListen, checkQa } from './check-project.ts';
import { checkReleases } from './check-releases.ts';
import { checkJournal, checkStateDirectory } from './check-state.ts';
import { doctorText } from './doctor-text.ts';
import { type JournalStates, journalStates } from './journal-states.ts';

/** Looks at everything and starts nothing. Exit code 1 when something fails. */
export async function doctor(options: { readonly config?: string; readonly json?: boolean }): Promise<void> {
  const checks = [checkNode(process.versions.node), ...(await projectChecks(options))];
  const well = checks.every(({ status }) => status !== 'fail');
  if (!well) process.exitCode = 1;
  outputOf(options).answer({ ok: well, version, checks }, doctorText(version, checks));
}

async function projectChecks(options: { readonly config?: string }): Promise<readonly Check[]> {
  let place: StatePlace;
  try {
    place = stateOf(options);
  } catch (error) {
    const { message, remedy } = errorFacts(error);
    return [
      fail('configuration', message, remedy),
      await checkDisk(process.cwd()),
      checkClock(systemClock.now(), null),
    ];
  }
  const { stateDir } = place;
  const states = readStates(stateDir);
  const { targets } = states;
  return [
    await checkDisk(stateDir),
    checkClock(systemClock.now(), states.lastAt),
    await checkStateDirectory(stateDir),
    await checkJournal(stateDir),
    ...(await checkController(stateDir, { version, targets })),
    ...(await checkRouter(stateDir, { targets, clock: systemClock })),
    ...(await checkReleases(stateDir, targets)),
    ...(await configured(place, states)),
  ];
}

/** What depends on sluice.yml comes last, because its problems may be many. */
async function configured(
  { root, file, stateDir }: StatePlace,
  { targets }: JournalStates,
): Promise<readonly Check[]> {
  const qa = await checkQa(root);
  if (file === null) {
    const remedy = 'Put it back; `sluice down` ends what still runs without it.';
    return [qa, fail('configuration', `There is a state directory, but no sluice.yml in ${root}.`, remedy)];
  }
  const loaded = await loadConfig(file, { env: process.env });
  const checked = checkConfig(file, loaded);
  if (!loaded.ok) return [qa, ...checked];
  const { config } = loaded;
  return [
    qa,
    ...(await checkListen(config, [...(await tablesOf(stateDir)).values(), ...servedBy(targets)])),
    ...(await checkCommands(config)),
    ...(await checkNotices(config, stateDir)),
    ...(await checkAccessLogs(config)),
    ...(await checkAssets(loaded)),
    ...(await checkCertificates(loaded, systemClock.now())),
    ...checked,
  ];
}

/** A router that lost its file listens all the same where a stable release is served. */
function servedBy(targets: JournalStates['targets']): readonly Pick<RouteTable, 'listen'>[] {
  return [...targets.values()].flatMap(({ stable, routes: { requested } }) =>
    stable === null || requested === null ? [] : [requested],
  );
}

/** A journal that cannot be folded knows no target; the check of the journal itself says what is wrong with it. */
function readStates(stateDir: string): JournalStates {
  try {
    return journalStates(join(stateDir, 'journal'));
  } catch {
    return { targets: new Map(), lastAt: null };
  }
}
