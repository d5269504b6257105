import { once } from 'node:events';
import { join } from 'node:path';
import { sleep, systemClock } from '../base/clock.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { EngineApi } from '../engine/api.ts';
import { Controller } from '../engine/controller.ts';
import type { ControllerParts } from '../engine/controller-parts.ts';
import { McpCalls } from '../engine/mcp-calls.ts';
import { RetentionRunner } from '../engine/retention-runner.ts';
import type { Lease } from '../journal/journal.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { openArtifactStore } from '../ports/artifact/directory-store.ts';
import { openShellCommandRunner } from '../ports/command/shell-command-runner.ts';
import { openExternalMetrics } from '../ports/metrics/external-metrics.ts';
import { openNotifier } from '../ports/notify/notifier.ts';
import { openQaReports } from '../ports/qa/qa-directory.ts';
import { openProcessRuntime } from '../ports/runtime/process-runtime.ts';
import { stopRouterProcess } from '../ports/traffic/router-process.ts';
import { openRouterTraffic } from '../ports/traffic/router-traffic.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { collectSooner } from './collect-sooner.ts';
import { endCommands } from './end-processes.ts';
import { fenceInForce } from './fence-in-force.ts';
import { keepRouterSettings } from './keep-router-settings.ts';
import { holderState, ownHolder } from './lease-holder.ts';
import { Outbox } from './outbox.ts';
import { type ProjectPlace, prepareState } from './project-place.ts';
import { readConfig } from './read-config.ts';
import { retentionInForce } from './retention-in-force.ts';
import { serveSocket } from './socket-server.ts';
import { reviveRouter, superviseRouter } from './supervise-router.ts';
import { keepTidy } from './tidy-state.ts';
import { upgradeWhereDue } from './upgrade-where-due.ts';
import { version } from './version.ts';
import { Workflows } from './workflows.ts';

const leaseMs = 15_000;
const againMs = 250;

/** The controller: holds the lease, keeps the router alive, and answers on its socket until it is told to stop. */
export async function serve(place: ProjectPlace): Promise<void> {
  collectSooner();
  await prepareState(place);
  const { stateDir, root } = place;
  const clock = systemClock;
  const log = (line: string) => void process.stderr.write(`${new Date(clock.now()).toISOString()} ${line}\n`);
  const journal = await openSqliteJournal({ directory: join(stateDir, 'journal') });
  const holder = await ownHolder();
  const lease = await takeLease(journal, { holder, above: await fenceInForce(stateDir) });
  const stop = new AbortController();
  const ending: { lease: 'kept' | 'expired' | 'taken' } = { lease: 'kept' };
  // From here on: taking up what was left may take longer than the lease lasts.
  const beat = setInterval(() => {
    journal.acquireLease('controller', holder, { now: clock.now(), ttlMs: leaseMs }).then(
      (result) => {
        if (result.kind === 'acquired' && result.lease.fence === lease.fence) return;
        ending.lease = result.kind === 'held' ? 'taken' : 'expired';
        stop.abort();
      },
      (error: unknown) => log(`lease: ${String(error)}`),
    );
  }, leaseMs / 3);
  // It must not keep a controller alive that could not start.
  beat.unref();
  await keepRouterSettings(place);
  const { socketPath } = await reviveRouter({ stateDir, clock });
  const artifacts = openArtifactStore({ stateDir, clock });
  const parts: ControllerParts = {
    stateDir,
    clock,
    config: () => readConfig(place.file),
    journal,
    artifacts,
    runtime: await openProcessRuntime({
      stateDir,
      clock,
      prepare: ({ id, release }) => artifacts.materialise(release.artifact, id),
    }),
    traffic: openRouterTraffic({ socketPath, clock }),
    commands: await openShellCommandRunner({ stateDir, clock }),
    metrics: openExternalMetrics({ clock }),
    qa: openQaReports({ root }),
    notifier: openNotifier({ root, stateDir, terminal: log }),
    log,
  };
  const controller = new Controller(parts, lease);
  await controller.open();
  const workflows = await Workflows.open(parts, { lease, apiOf: (user) => controller.api(user) });
  const outbox = new Outbox(parts, controller);
  await outbox.open();
  const since = clock.now();
  const calls = new McpCalls({ journal, clock, lease });
  const server = await serveSocket({
    socketPath: socketPathFor(stateDir, 'controller'),
    stateDir,
    apiOf: (user): EngineApi => ({
      ...controller.api(user),
      ...workflows.api(user),
      mcpCalled: (call) => calls.record(user, call),
      ping: async () => ({ pid: process.pid, version, since }),
      down: () => down(parts, controller, stop),
    }),
  });
  const router = superviseRouter({ stateDir, clock, log });
  const leaving = new AbortController();
  const upgraded = upgradeWhereDue({ stateDir, clock, log, signal: leaving.signal });
  const retention = new RetentionRunner(parts, {
    targets: () => controller.targets(),
    runs: workflows.retention,
    retention: () => retentionInForce(place.file, { deployed: controller.targets().length > 0 }),
  });
  retention.open();
  const tidy = keepTidy({ stateDir, clock, log });
  if (!stop.signal.aborted)
    await Promise.race([once(stop.signal, 'abort'), once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  clearInterval(beat);
  leaving.abort();
  await Promise.all([router.end(), upgraded, retention.close(), tidy.end()]);
  server.close();
  server.closeAllConnections();
  await outbox.close();
  await workflows.close();
  await controller.close();
  await Promise.all([parts.commands.close(), parts.traffic.close(), parts.runtime.close()]);
  if (stop.signal.aborted && ending.lease === 'kept') await stopRouterProcess(stateDir, { graceMs: 5_000 });
  await journal.releaseLease(lease);
  await journal.close();
  // A machine that slept: what is decided from here on needs a fence of its own. Router and instances went on serving.
  if (ending.lease === 'expired') return serve(place);
  if (ending.lease === 'taken')
    throw running('one that took the lease when this controller did not renew it');
}

async function takeLease(
  journal: Awaited<ReturnType<typeof openSqliteJournal>>,
  { holder, above }: { readonly holder: string; readonly above: number },
): Promise<Lease> {
  for (let first: Lease | null = null; ; ) {
    const now = systemClock.now();
    const result = await journal.acquireLease('controller', holder, { now, ttlMs: leaseMs, above });
    if (result.kind === 'acquired') return result.lease;
    const { lease } = result;
    const state = await holderState(lease.holder);
    // The holder was killed: nothing of it can still write, and waiting would leave users without a controller.
    if (state === 'gone') await journal.releaseLease(lease);
    // A machine or a container that got another name by its reboot left a lease that nobody renews.
    else if (state === 'elsewhere' && lease.expiresAt <= (first ?? lease).expiresAt) {
      first = lease;
      await sleep(systemClock, againMs);
    } else {
      await journal.close();
      throw running(lease.holder);
    }
  }
}

function running(holder: string): SluiceError {
  return new SluiceError({
    code: 'controller-running',
    message: `Another controller holds this state directory: ${holder}.`,
    remedy: 'Use that one: every command finds it by itself. `sluice down` ends it with everything it runs.',
  });
}

async function down(
  parts: ControllerParts,
  controller: Controller,
  stop: AbortController,
): Promise<{ readonly stopped: readonly string[] }> {
  const instances = await parts.runtime.list();
  await controller.close();
  await Promise.all(instances.map(({ id }) => parts.runtime.stop(id, { deadlineMs: 10_000 })));
  await endCommands(parts.stateDir, parts.clock);
  setTimeout(() => stop.abort(), 50);
  return { stopped: instances.map(({ id }) => id) };
}
