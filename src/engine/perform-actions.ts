import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { sleep } from '../base/clock.ts';
import { type RolloutId, targetId } from '../base/ids.ts';
import { unreachable } from '../base/invariant.ts';
import { replaceFile } from '../disk/replace-file.ts';
import type { CommandOutcome } from '../ports/command/port.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import { instancesOf, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { measureRollout } from './measure-rollout.ts';
import type { Perform } from './target-loop.ts';
import { configOf, type Verification } from './verify-rollout.ts';

/** What a target's performer needs beside the ports. */
export interface PerformOptions {
  readonly parts: ControllerParts;
  readonly fence: () => number;
  /** Gates and plan of the rollout that has the floor. */
  readonly verify: (state: TargetState) => Promise<Verification>;
}

/** Does the pending actions of one target against the ports. Every one is idempotent. */
export class Performer {
  readonly #options: PerformOptions;

  constructor(options: PerformOptions) {
    this.#options = options;
  }

  readonly perform: Perform = async (action, context) => {
    const { parts } = this.#options;
    const state = context.state();
    const base = { at: parts.clock.now(), by: 'controller' } as const;
    switch (action.type) {
      case 'verify': {
        const verification = await this.#options.verify(state);
        return [{ ...base, ...verification, type: 'RecordVerification', rollout: action.rollout }];
      }
      case 'ensure-instance':
        return this.#ensure(action, state, context.signal);
      case 'apply-routes': {
        const { version } = await parts.traffic.apply({ ...action.routes, fence: this.#options.fence() });
        return [{ ...base, type: 'RecordRoutes', version }];
      }
      case 'drain-instance': {
        const { deadlineMs } = action;
        const { cutOff } = await parts.traffic.drained(targetId(state.target), action.instance, {
          deadlineMs,
        });
        return [{ ...base, type: 'RecordDrained', instance: action.instance, cutOff }];
      }
      case 'stop-instance':
        await parts.runtime.stop(action.instance, { deadlineMs: action.deadlineMs });
        await parts.artifacts.release(action.instance);
        return [{ ...base, type: 'RecordStopped', instance: action.instance }];
      case 'run-command':
        return [await this.#command(action, state)];
      case 'judge': {
        const config = configOf(await parts.config(), state.target);
        await measureRollout(parts, config, action.rollout, context);
        return [];
      }
      case 'preserve-evidence':
        return [{ ...base, type: 'RecordEvidence', location: await this.#preserve(state, action.rollout) }];
      case 'verify-restored':
        return [await this.#restored(state, action.deadlineMs, context)];
      case 'tick':
        return [{ ...base, type: 'Tick' }];
      default:
        return unreachable(action);
    }
  };

  /** Starts it and waits until it is ready or final; a deadline makes it `failed`. */
  async #ensure(
    action: Extract<PendingAction, { type: 'ensure-instance' }>,
    state: TargetState,
    signal: AbortSignal,
  ): Promise<readonly RolloutCommand[]> {
    const { parts } = this.#options;
    const { instance: id, release } = action;
    const directory = await parts.artifacts.materialise(release.artifact, id);
    const env = { SLUICE_ENVIRONMENT: state.target.environment, SLUICE_VERSION: release.version };
    await parts.runtime.ensure({ id, release, directory, env });
    const deadline = parts.clock.monotonicMs() + release.run.startDeadlineMs;
    while (!signal.aborted) {
      const seen = (await parts.runtime.list()).find((one) => one.id === id);
      const at = parts.clock.now();
      if (seen !== undefined && ['ready', 'crash-looping', 'failed'].includes(seen.status)) {
        const { status, address, reason } = seen;
        return [{ type: 'RecordInstance', instance: id, status, address, reason, at, by: 'controller' }];
      }
      if (parts.clock.monotonicMs() > deadline) {
        const reason = `not ready within ${release.run.startDeadlineMs} ms: ${seen?.reason ?? 'no answer'}`;
        return [
          {
            type: 'RecordInstance',
            instance: id,
            status: 'failed',
            address: null,
            reason,
            at,
            by: 'controller',
          },
        ];
      }
      await sleep(parts.clock, 50);
    }
    return [];
  }

  async #command(
    action: Extract<PendingAction, { type: 'run-command' }>,
    state: TargetState,
  ): Promise<RolloutCommand> {
    const { parts } = this.#options;
    const { rollout, phase, index, command } = action;
    const going = state.rollout;
    const release = going === null || going.phase === 'verifying' ? null : going.plan.release;
    const directory =
      release === null
        ? parts.stateDir
        : await parts.artifacts.materialise(release.artifact, `${rollout}-command`);
    const [first] = instancesOf(state, rollout).filter(({ address }) => address !== null);
    const outcome = await parts.commands.run({
      id: action.id,
      spec: command,
      directory,
      env: {
        SLUICE_ENVIRONMENT: state.target.environment,
        SLUICE_VERSION: release?.version ?? '',
        SLUICE_URL: first?.address ? `http://${first.address}` : '',
        PORT: first?.address?.split(':').at(-1) ?? '',
      },
    });
    const ok = outcome.exitCode === 0;
    const { durationMs } = outcome;
    return {
      type: 'RecordCommand',
      rollout,
      phase,
      index,
      ok,
      output: ok ? outcome.output.slice(-2_000) : `${howItEnded(outcome)}: ${outcome.output.slice(-2_000)}`,
      durationMs,
      at: parts.clock.now(),
      by: 'controller',
    };
  }

  /** Logs, counts and the state are kept beside the journal; the artifact stays in its store. */
  async #preserve(state: TargetState, rollout: RolloutId): Promise<string> {
    const { parts } = this.#options;
    const { saveFile = saveOnDisk } = parts;
    const directory = join(parts.stateDir, 'evidence', rollout);
    for (const { id } of instancesOf(state, rollout)) {
      await saveFile(join(directory, `${id}.log`), await parts.runtime.logs(id, { bytes: 1_048_576 }));
    }
    const counts = await parts.traffic.counts(targetId(state.target));
    await saveFile(join(directory, 'counts.json'), canonicalJson(counts));
    await saveFile(join(directory, 'state.json'), canonicalJson(state));
    return directory;
  }

  /** Health of every stable instance, and no higher a share of bad requests than the trigger allows. */
  async #restored(
    state: TargetState,
    deadlineMs: number,
    context: { readonly state: () => TargetState; readonly signal: AbortSignal },
  ): Promise<RolloutCommand> {
    const { parts } = this.#options;
    const start = parts.clock.monotonicMs();
    const before = await this.#served(state);
    let observed = 'nothing yet';
    while (!context.signal.aborted) {
      const { stable } = context.state();
      const own = stable === null ? [] : instancesOf(context.state(), stable.rollout);
      const ready = own.filter(({ status }) => status === 'ready').length;
      const now = await this.#served(context.state());
      const requests = now.requests - before.requests;
      const bad = now.bad - before.bad;
      observed = `${ready} of ${own.length} stable instances ready; ${bad} of ${requests} requests bad since`;
      const waited = parts.clock.monotonicMs() - start;
      const quiet = requests >= 20 || waited >= 1_000;
      if (ready > 0 && ready === own.length && quiet && bad <= 0.05 * requests) return told(true);
      if (waited > deadlineMs) return told(false);
      await sleep(parts.clock, 100);
    }
    return told(false);

    function told(holds: boolean): RolloutCommand {
      return { type: 'RecordRestoration', holds, observed, at: parts.clock.now(), by: 'controller' };
    }
  }

  async #served(state: TargetState): Promise<{ readonly requests: number; readonly bad: number }> {
    const { instances } = await this.#options.parts.traffic.counts(targetId(state.target));
    const own = instances.filter(({ generation }) => generation === state.stable?.rollout);
    return {
      requests: own.reduce((all, one) => all + one.requests, 0),
      bad: own.reduce((all, one) => all + one.bad, 0),
    };
  }
}

async function saveOnDisk(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, content);
}

function howItEnded({ exitCode, timedOut }: CommandOutcome): string {
  if (timedOut) return 'timed out';
  return exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
}
