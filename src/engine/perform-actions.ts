import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { sleep } from '../base/clock.ts';
import type { Digest } from '../base/digest.ts';
import { type InstanceId, type RolloutId, targetId } from '../base/ids.ts';
import { hasEnded } from '../base/instance-status.ts';
import { unreachable } from '../base/invariant.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import { replaceFile } from '../disk/replace-file.ts';
import type { CommandOutcome } from '../ports/command/port.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import { instancesOf, isOnTrial, type TargetState } from '../rollout/state.ts';
import { applyRoutes } from './apply-routes.ts';
import type { ControllerParts } from './controller-parts.ts';
import { findInstances } from './find-instances.ts';
import { measureRollout } from './measure-rollout.ts';
import type { MeasuringPace } from './measuring-pace.ts';
import type { Perform } from './target-loop.ts';
import { configOf, type Verification } from './verify-rollout.ts';
import { verifyStable } from './verify-stable.ts';

/** What a target's performer needs beside the ports. */
export interface PerformOptions {
  readonly parts: ControllerParts;
  readonly fence: () => number;
  /** Of every target together. */
  readonly pace: MeasuringPace;
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
        await this.#settled(context);
        const verification = await this.#options.verify(context.state());
        return [{ ...base, ...verification, type: 'RecordVerification', rollout: action.rollout }];
      }
      case 'ensure-instance':
        return this.#ensure(action, state, context.signal);
      case 'apply-routes':
        return applyRoutes(parts, action, { ...context, fence: this.#options.fence() });
      case 'drain-instance': {
        const { deadlineMs } = action;
        const { cutOff } = await parts.traffic.drained(targetId(state.target), action.instance, {
          deadlineMs,
        });
        return [{ ...base, type: 'RecordDrained', instance: action.instance, cutOff }];
      }
      case 'stop-instance':
        await parts.runtime.stop(action.instance, {
          deadlineMs: action.deadlineMs,
          fence: this.#options.fence(),
        });
        await parts.artifacts.release(action.instance);
        return [{ ...base, type: 'RecordStopped', instance: action.instance }];
      case 'run-command':
        return [await this.#command(action, state)];
      case 'judge': {
        const config = configOf(await parts.config(), state.target);
        await measureRollout(parts, config, action.rollout, { ...context, pace: this.#options.pace });
        return [];
      }
      case 'verify-artifact': {
        const verified = await parts.artifacts.verify(action.release.artifact);
        const { version } = action.release;
        const observed = verified.ok
          ? `${version}, its artifact unchanged`
          : `${version}: ${verified.reason}`;
        return [{ ...base, type: 'RecordPlaced', rollout: action.rollout, holds: verified.ok, observed }];
      }
      case 'preserve-evidence':
        return [{ ...base, type: 'RecordEvidence', location: await this.#preserve(state, action.rollout) }];
      case 'verify-stable': {
        const { service } = configOf(await parts.config(), state.target);
        return [await verifyStable(parts, service.metrics, action, context)];
      }
      case 'tick':
        return [{ ...base, type: 'Tick' }];
      default:
        return unreachable(action);
    }
  };

  /** After a restart of everything stable is on its way: whether the environment is healthy is asked once it is there. */
  async #settled(context: {
    readonly state: () => TargetState;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { clock } = this.#options.parts;
    const { stable } = context.state();
    if (stable === null) return;
    const until = clock.monotonicMs() + stable.release.run.startDeadlineMs;
    const onTheirWay = () =>
      instancesOf(context.state(), stable.rollout).some(({ status }) => status === 'starting');
    while (onTheirWay() && !context.signal.aborted && clock.monotonicMs() < until) await sleep(clock, 50);
  }

  /** Starts it and waits until it is ready or final; a deadline makes it `failed`. */
  async #ensure(
    action: Extract<PendingAction, { type: 'ensure-instance' }>,
    state: TargetState,
    signal: AbortSignal,
  ): Promise<readonly RolloutCommand[]> {
    const { parts } = this.#options;
    const { instance: id, release } = action;
    const made = await this.#materialise(release.artifact, id);
    if (!made.ok) return [failedToStart(id, made.reason, parts.clock.now())];
    const { directory } = made;
    await this.#clear(id, state);
    // What is not wanted any more may have been stopped meanwhile: nobody would stop it again.
    if (signal.aborted) return [];
    const env = { SLUICE_ENVIRONMENT: state.target.environment, SLUICE_VERSION: release.version };
    await parts.runtime.ensure({ id, release, directory, env, fence: this.#options.fence() });
    const deadline = parts.clock.monotonicMs() + release.run.startDeadlineMs;
    while (!signal.aborted) {
      const [seen] = await findInstances(parts.runtime, [id]);
      const at = parts.clock.now();
      if (seen !== undefined && (seen.status === 'ready' || hasEnded(seen.status))) {
        const { status, address, reason } = seen;
        return [{ type: 'RecordInstance', instance: id, status, address, reason, at, by: 'controller' }];
      }
      if (parts.clock.monotonicMs() > deadline) {
        const reason = `not ready within ${release.run.startDeadlineMs} ms: ${seen?.reason ?? 'no answer'}`;
        return [failedToStart(id, reason, at)];
      }
      await sleep(parts.clock, 50);
    }
    return [];
  }

  /** What had come to its end is in the way of starting it again; on trial, its end is the answer. */
  async #clear(id: InstanceId, state: TargetState): Promise<void> {
    const { runtime } = this.#options.parts;
    const known = state.instances[id];
    if (known === undefined || isOnTrial(state, known)) return;
    await runtime.stop(id, { deadlineMs: 0, onlyEnded: true, fence: this.#options.fence() });
  }

  async #command(
    action: Extract<PendingAction, { type: 'run-command' }>,
    state: TargetState,
  ): Promise<RolloutCommand> {
    const { parts } = this.#options;
    const { rollout, phase, index, command } = action;
    const { role, release } = action;
    const generation = role === 'smoke-stable' && state.stable !== null ? state.stable.rollout : rollout;
    const place = `${rollout}-${role}`;
    const told = { type: 'RecordCommand', rollout, phase, index, by: 'controller' } as const;
    const made = await this.#materialise(release.artifact, place);
    if (!made.ok) return { ...told, ok: false, output: made.reason, durationMs: 0, at: parts.clock.now() };
    const { directory } = made;
    const [first] = instancesOf(state, generation).filter(({ address }) => address !== null);
    const outcome = await parts.commands.run({
      id: action.id,
      spec: command,
      directory,
      env: {
        SLUICE_ENVIRONMENT: state.target.environment,
        SLUICE_VERSION: release.version,
        SLUICE_URL: first?.address ? `http://${first.address}` : '',
        PORT: first?.address?.split(':').at(-1) ?? '',
      },
    });
    await parts.artifacts.release(place);
    const ok = outcome.exitCode === 0;
    const said = outcome.output.slice(-2_000);
    const { durationMs } = outcome;
    return {
      ...told,
      ok,
      output: ok ? said : `${howItEnded(outcome)}${said.trim() === '' ? '' : `: ${said}`}`,
      durationMs,
      at: parts.clock.now(),
    };
  }

  /** Bytes that were changed or are gone do not come back by trying again: that is an outcome and no failed attempt. */
  async #materialise(
    artifact: Digest,
    place: string,
  ): Promise<
    { readonly ok: true; readonly directory: string } | { readonly ok: false; readonly reason: string }
  > {
    try {
      return { ok: true, directory: await this.#options.parts.artifacts.materialise(artifact, place) };
    } catch (error) {
      const lost =
        isErrorFacts(error) && (error.code === 'artifact-changed' || error.code === 'artifact-missing');
      if (!lost) throw error;
      return { ok: false, reason: error.message };
    }
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
}

function failedToStart(instance: InstanceId, reason: string, at: number): RolloutCommand {
  return { type: 'RecordInstance', instance, status: 'failed', address: null, reason, at, by: 'controller' };
}

async function saveOnDisk(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, content);
}

function howItEnded({ exitCode, timedOut }: CommandOutcome): string {
  if (timedOut) return 'timed out';
  return exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
}
