import { type Clock, sleep } from '../../base/clock.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import type { EngineApi, RolloutSummary } from '../api.ts';
import type { Capability } from './capability.ts';

type Asked = Pick<EngineApi, 'deploy' | 'rollback' | 'history' | 'status' | 'abort'>;

const lookMs = 200;

/** The release verbs as actions of a workflow, under the same policy checks as for a person: `by` is who started the run. */
export function releaseCapabilities(
  apiOf: (user: string) => Asked,
  clock: Clock,
): ReadonlyMap<string, Capability> {
  const released: Capability['probe'] = async (given) => {
    const { service, to, unit } = textsOf(given, ['service', 'to'], ['unit']);
    const [status] = await apiOf('controller').status({ service, to });
    const stable = status?.state.stable?.release ?? null;
    if (stable === null) return { holds: false, observed: `${service} has no stable release in ${to}` };
    const holds = unit === '' || stable.unit === unit;
    return {
      holds,
      observed: `${service} in ${to} serves ${stable.version} (unit ${stable.unit ?? 'unknown'})`,
    };
  };
  const deploy: Capability = {
    summary: 'deploy an approved unit and wait for its end: {service, to, unit}',
    async perform(given, { by, signal }) {
      const { service, to, unit } = textsOf(given, ['service', 'to', 'unit'], []);
      const api = apiOf(by);
      const running = await begun(api, { service, to, unit });
      const rollout = running ?? (await api.deploy({ service, to, unit })).rollout;
      const ended = await end(api, { service, to, rollout }, clock, signal);
      const { holds, observed } = await released(given);
      return { ok: ended.ending === 'succeeded' && holds, output: told(ended, observed) };
    },
    probe: released,
  };
  const rollback: Capability = {
    summary: 'go back to the previous release, or a kept one by name: {service, to, release?}',
    async perform(given, { by, signal }) {
      const { service, to, release } = textsOf(given, ['service', 'to'], ['release']);
      const api = apiOf(by);
      const { rollout } = await api.rollback({ service, to, ...(release !== '' && { release }) });
      const ended = await end(api, { service, to, rollout }, clock, signal);
      const { observed } = await released({ service, to });
      return { ok: ended.ending === 'succeeded', output: told(ended, observed) };
    },
    async probe(given) {
      const { service, to } = textsOf(given, ['service', 'to'], ['release']);
      return released({ service, to });
    },
  };
  const live: Capability = {
    summary: 'look whether a release is live, and change nothing: {service, to, unit?}',
    async perform(given) {
      const { holds, observed } = await released(given);
      return { ok: holds, output: observed };
    },
    probe: released,
  };
  return new Map([
    ['deploy', deploy],
    ['rollback', rollback],
    ['release-live', live],
  ]);
}

/** A deployment of that unit that has the floor already: a crash between asking and recording must not ask twice. */
async function begun(
  api: Asked,
  { service, to, unit }: { readonly service: string; readonly to: string; readonly unit: string },
): Promise<string | null> {
  const [status] = await api.status({ service, to });
  const rollout = status?.state.rollout ?? null;
  return rollout !== null && rollout.unit === unit ? rollout.rollout : null;
}

async function end(
  api: Asked,
  where: { readonly service: string; readonly to: string; readonly rollout: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<RolloutSummary> {
  for (;;) {
    const history = await api.history({ service: where.service, to: where.to });
    const found = history.find(({ rollout }) => rollout === where.rollout);
    if (found !== undefined && found.endedAt !== null) return found;
    if (signal.aborted) {
      throw new SluiceError({
        code: 'capability-cancelled',
        message: `Nobody waits for ${where.rollout} any more; it goes on.`,
        remedy: `\`sluice abort ${where.service} --to ${where.to}\` takes it back.`,
      });
    }
    await sleep(clock, lookMs);
  }
}

function told({ rollout, ending, reason }: RolloutSummary, observed: string): string {
  return `${rollout} ended ${ending}${reason === null ? '' : `: ${reason}`}\n${observed}\n`;
}

/** Texts of what the bindings give; optional ones are empty where they are missing. Throws `capability-malformed`. */
function textsOf<Needed extends string, Optional extends string>(
  given: Readonly<Record<string, unknown>>,
  needed: readonly Needed[],
  optional: readonly Optional[],
): Record<Needed | Optional, string> {
  const known: readonly string[] = [...needed, ...optional];
  const wrong = Object.entries(given).find(
    ([key, value]) => !known.includes(key) || typeof value !== 'string',
  );
  const missing = needed.find((key) => given[key] === undefined);
  if (wrong !== undefined || missing !== undefined) {
    throw new SluiceError({
      code: 'capability-malformed',
      message: missing === undefined ? `"${wrong?.[0]}" is not understood here.` : `"${missing}" is missing.`,
      remedy: `Give ${known.join(', ')} as texts under \`with:\` in the bindings.`,
    });
  }
  return Object.fromEntries(known.map((key) => [key, String(given[key] ?? '')])) as Record<
    Needed | Optional,
    string
  >;
}
