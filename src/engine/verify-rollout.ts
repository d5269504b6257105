import { digestOfJson, shortDigest } from '../base/digest.ts';
import type { RolloutId } from '../base/ids.ts';
import { type Target, targetId, type UnitId } from '../base/ids.ts';
import type { Release } from '../base/release.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { EnvironmentConfig, ProjectConfig, ServiceConfig } from '../config/config.ts';
import { windowStatus } from '../policy/windows.ts';
import type { ArtifactRecord } from '../ports/artifact/port.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Migration } from '../rollout/migration.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import { instancesOf, type Serving, type TargetState } from '../rollout/state.ts';
import type { Waivers } from '../rollout/waivers.ts';
import type { ControllerParts } from './controller-parts.ts';
import { makePlan } from './make-plan.ts';
import { gate, qaGates } from './qa-gates.ts';
import { isRehearsed } from './rehearsed.ts';

/** What verifying came to: every gate with what was observed, and the plan when all blocking ones hold. */
export interface Verification {
  readonly gates: readonly GateResult[];
  readonly plan: RolloutPlan | null;
  /** What was to be deployed, where it is known. */
  readonly release?: Release;
}

/** Whether `unit` may go to `target`, and how: read-only, so that `plan` and `deploy` ask the very same. */
export async function verifyDeployment(
  parts: ControllerParts,
  state: TargetState,
  asked: {
    readonly rollout: RolloutId;
    readonly unit: UnitId;
    readonly waivers: Waivers;
    /** Rollouts of a target, in order. */
    readonly stories: (target: Target) => Promise<readonly RolloutStory[]>;
  },
): Promise<Verification> {
  const config = await parts.config();
  const { service, environment } = configOf(config, state.target);
  const now = parts.clock.now();
  const [artifact] = await parts.artifacts.list({ service: service.name, unit: asked.unit });
  if (artifact === undefined) return { gates: [noArtifact(service, asked.unit)], plan: null };
  const lookup = await parts.qa.find(asked.unit);
  const gates = [
    ...qaGates(lookup, asked.unit, artifact, { now, maxAgeMs: environment.policy.approvalMaxAgeMs }),
    await artifactGate(parts, artifact),
    windowGate(environment, now),
    await capacityGate(parts, environment, artifact),
    healthGate(state),
    ...(await restorableGate(parts, state.stable)),
    ...migrationGates(service, environment, state.stable, asked.waivers),
    ...(await earlierGates(environment, state, artifact, asked.stories)),
  ];
  const release = releaseOf(service, environment, artifact, asked.unit);
  if (gates.some(({ holds, onFailure }) => !holds && onFailure === 'block')) {
    return { gates, plan: null, release };
  }
  const plan = makePlan({
    rollout: asked.rollout,
    target: state.target,
    service,
    environment,
    release,
    stable: state.stable,
  });
  return { gates, plan, release };
}

/** The configuration of a target. Throws `service-unknown` or `environment-unknown`. */
export function configOf(
  config: ProjectConfig,
  target: Target,
): { readonly service: ServiceConfig; readonly environment: EnvironmentConfig } {
  const service = config.services.find(({ name }) => name === target.service);
  if (service === undefined) throw unknown('service', target.service, config.services);
  const environment = config.environments.find(({ name }) => name === target.environment);
  if (environment === undefined) throw unknown('environment', target.environment, config.environments);
  return { service, environment };
}

function unknown(what: string, name: string, there: readonly { readonly name: string }[]): SluiceError {
  return new SluiceError({
    code: `${what}-unknown`,
    message: `sluice.yml has no ${what} "${name}".`,
    remedy: `It has: ${there.map((one) => one.name).join(', ') || 'none'}.`,
  });
}

function releaseOf(
  service: ServiceConfig,
  environment: EnvironmentConfig,
  artifact: ArtifactRecord,
  unit: UnitId,
): Release {
  const run = { ...service.run, env: { ...service.run.env, ...environment.env } };
  return {
    service: service.name,
    version: artifact.version ?? shortDigest(artifact.digest),
    artifact: artifact.digest,
    config: digestOfJson(run),
    run,
    unit,
    commit: artifact.dirty ? null : artifact.commit,
  };
}

function noArtifact(service: ServiceConfig, unit: UnitId): GateResult {
  return gate(
    'artifact',
    false,
    `an artifact of ${service.name} for ${unit}`,
    'none was added',
    `sluice artifact add <dir> --service ${service.name} --unit ${unit}`,
  );
}

async function artifactGate(parts: ControllerParts, artifact: ArtifactRecord): Promise<GateResult> {
  const verified = await parts.artifacts.verify(artifact.digest);
  return gate(
    'artifact',
    verified.ok,
    `the bytes of ${artifact.digest}`,
    verified.ok
      ? `${artifact.files} files, ${artifact.bytes} bytes, unchanged`
      : `${verified.code}: ${verified.reason}`,
    'Add the artifact again from the build that QA approved.',
  );
}

function windowGate(environment: EnvironmentConfig, now: number): GateResult {
  const status = windowStatus(environment.policy, now);
  return gate(
    'window',
    status.open,
    'an open deployment window and no freeze',
    status.reason,
    'Wait for the window.',
  );
}

/** On common file systems a file takes whole blocks of so much. */
const blockBytes = 4_096;

async function capacityGate(
  parts: ControllerParts,
  { replicas }: EnvironmentConfig,
  { bytes, files }: ArtifactRecord,
): Promise<GateResult> {
  const { ok, reason } = await parts.runtime.capacity(replicas, { copyBytes: bytes + files * blockBytes });
  return gate(
    'capacity',
    ok,
    `room for ${replicas} more ${replicas === 1 ? 'instance' : 'instances'}`,
    reason,
    'Free memory or disk space of the state directory, or lower `replicas`.',
  );
}

function healthGate(state: TargetState): GateResult {
  const { stable } = state;
  if (stable === null) return gate('environment-healthy', true, 'a healthy environment', 'first release', '');
  const own = instancesOf(state, stable.rollout);
  const ready = own.filter(({ status }) => status === 'ready').length;
  return gate(
    'environment-healthy',
    ready > 0 && ready === own.length,
    'every stable instance ready',
    `${ready} of ${own.length} ready`,
    'Bring the environment back to health first; `sluice logs` shows what the instances say.',
  );
}

async function restorableGate(
  parts: ControllerParts,
  stable: Serving | null,
): Promise<readonly GateResult[]> {
  const required = 'a previous version that can be restored';
  if (stable === null) {
    return [
      {
        gate: 'restorable',
        holds: false,
        onFailure: 'warn',
        required,
        observed: 'a first release has no way back',
        remedy: 'Health and smoke judge it; failing it shows the maintenance page.',
      },
    ];
  }
  const verified = await parts.artifacts.verify(stable.release.artifact);
  const observed = verified.ok ? `${stable.release.version}, its artifact unchanged` : verified.reason;
  return [
    gate('restorable', verified.ok, required, observed, 'Add the artifact of the stable release again.'),
  ];
}

function migrationGates(
  service: ServiceConfig,
  environment: EnvironmentConfig,
  stable: Serving | null,
  { irreversible }: Waivers,
): readonly GateResult[] {
  const { migrate } = service;
  if (migrate === null) return [];
  const both = stable !== null && environment.strategy.kind !== 'recreate';
  return [
    gate(
      'migration-compatible',
      !both || migrate.compatible,
      `a schema on which both versions work (${environment.strategy.kind} runs both at once)`,
      migrate.compatible ? 'compatible: true' : 'not declared compatible',
      'Make the migration compatible and say `compatible: true`, or use the strategy recreate.',
    ),
    reversibleGate(migrate, { first: stable === null, accepted: irreversible === true }),
  ];
}

/** What cannot be undone is not done by chance. */
function reversibleGate(
  { down }: Migration,
  { first, accepted }: { readonly first: boolean; readonly accepted: boolean },
): GateResult {
  const told = { required: 'a way down', remedy: 'Add `migrate.down`, or say `--accept-irreversible`.' };
  const observed =
    down !== null ? 'migrate.down is there' : accepted ? 'no migrate.down, accepted' : 'no migrate.down';
  if (down !== null || (!first && !accepted))
    return gate('migration-reversible', down !== null, told.required, observed, told.remedy);
  const remedy = 'Going back will keep the new schema.';
  return { gate: 'migration-reversible', holds: false, onFailure: 'warn', ...told, observed, remedy };
}

async function earlierGates(
  environment: EnvironmentConfig,
  { target, stable }: TargetState,
  { digest }: ArtifactRecord,
  storiesOf: (target: Target) => Promise<readonly RolloutStory[]>,
): Promise<readonly GateResult[]> {
  const { after, rehearse } = environment.policy;
  if (after === null) return [];
  const earlier = { service: target.service, environment: after as Target['environment'] };
  const stories = await storiesOf(earlier);
  const holds = stories.some(
    ({ ending, plan }) => ending === 'succeeded' && plan?.release.artifact === digest,
  );
  const succeeded = gate(
    'after',
    holds,
    `the same digest succeeded in ${after}`,
    holds ? `it is or was stable in ${targetId(earlier)}` : `it never succeeded in ${targetId(earlier)}`,
    `sluice deploy ${target.service} --to ${after} first.`,
  );
  if (!rehearse) return [succeeded];
  const rehearsed = rehearsedGate(earlier, isRehearsed(stories, digest));
  // A first release has nothing to go back to, here or there.
  return [succeeded, stable === null ? { ...rehearsed, onFailure: 'warn' } : rehearsed];
}

function rehearsedGate(earlier: Target, holds: boolean): GateResult {
  const { service, environment } = earlier;
  return gate(
    'rollback-tested',
    holds,
    `promoted, taken back and promoted again in ${environment}`,
    holds ? `done in ${targetId(earlier)}` : `not yet done in ${targetId(earlier)}`,
    `In this order: sluice deploy, sluice rollback, sluice deploy, each with ${service} --to ${environment}.`,
  );
}
