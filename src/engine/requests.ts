import { type IncidentId, parseTargetId, parseUnitId, type TargetId } from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { Said } from '../rollout/command.ts';
import { isUrgent } from '../rollout/escalation.ts';
import type { Done, EngineApi, SignalAnswer } from './api.ts';
import { type Asking, type Params, paperworkFor } from './asking.ts';
import { permit } from './entitlement.ts';
import { openIncidents } from './open-incidents.ts';
import { fixedIncidents } from './qa-gates.ts';
import type { Rollbacks } from './rollbacks.ts';
import { tellLoop } from './tell-loop.ts';
import { configOf } from './verify-rollout.ts';
import { waiversOf } from './waivers-of.ts';

/** A deployment, a signal from outside, and what is done about incidents. */
export class Requests
  implements Pick<EngineApi, 'deploy' | 'signal' | 'incidentAcknowledge' | 'incidentResolve'>
{
  readonly #asking: Asking;
  readonly #rollbacks: Rollbacks;

  constructor({ rollbacks, ...asking }: Asking & { readonly rollbacks: Rollbacks }) {
    this.#asking = asking;
    this.#rollbacks = rollbacks;
  }

  async deploy(params: Params<'deploy'>): ReturnType<EngineApi['deploy']> {
    const { parts, loops, newRollout, user } = this.#asking;
    const loop = await loops.asked(params);
    const { target } = loop.state;
    const config = await parts.config();
    permit(config, user, 'deploy');
    if (params.override !== undefined) permit(config, user, 'override');
    const unit = parseUnitId(params.unit);
    const paperwork = await paperworkFor(parts, target);
    const fixes = fixedIncidents(await parts.qa.find(unit));
    const open = () =>
      openIncidents(loops)
        .filter(({ target: where }) => parseTargetId(where).environment === target.environment)
        .filter(({ id }) => !fixes.includes(id))
        .map(({ id }) => id as IncidentId);
    const waivers = waiversOf(params, open());
    const rollout = newRollout();
    const { onConflict } = configOf(config, target).environment.policy;
    const asked = { type: 'RequestRollout', rollout, unit, onConflict, paperwork, waivers } as const;
    // An incident may be opened while this waits for its turn: what blocks is asked at the moment of deciding.
    const blockedBy = () => (params.override === undefined ? open() : []);
    await tellLoop(loop, () => ({ ...asked, blockedBy: blockedBy() }), { clock: parts.clock, by: user });
    return { rollout };
  }

  /**
   * A trigger from outside. A candidate that users meet is taken back; after a success an incident is opened, and what would
   * wait for nobody (a vulnerability, data in doubt, an outage) goes back to the release that is still warm.
   */
  async signal(params: Params<'signal'>): Promise<SignalAnswer> {
    const { parts, loops, user } = this.#asking;
    const loop = await loops.asked(params);
    permit(await parts.config(), user, 'signal');
    const { kind, reason = 'no reason given' } = params;
    const message = `${kind}: ${reason}`;
    const { rollout, stable, standby } = loop.state;
    const tell = (said: Said) => tellLoop(loop, said, { clock: parts.clock, by: user });
    if (rollout !== null && stable?.rollout !== rollout.rollout) {
      await tell({ type: 'TakeBack', code: `signal-${kind}`, message });
      return { done: true, rollback: null };
    }
    await tell({ type: 'OpenIncident', signal: kind, title: message });
    const [warm] = standby;
    if (!isUrgent(kind) || warm === undefined || rollout !== null) return { done: true, rollback: null };
    return { done: true, rollback: await this.#rollbacks.goBackTo(loop, warm, {}) };
  }

  incidentAcknowledge({ incident }: Params<'incidentAcknowledge'>): Promise<Done> {
    return this.#onIncident(incident, { type: 'AcknowledgeIncident', incident: incident as IncidentId });
  }

  incidentResolve({ incident, reason }: Params<'incidentResolve'>): Promise<Done> {
    return this.#onIncident(incident, { type: 'ResolveIncident', incident: incident as IncidentId, reason });
  }

  async #onIncident(incident: string, said: Said): Promise<Done> {
    const { parts, loops, user } = this.#asking;
    permit(await parts.config(), user, 'resolve');
    const found = openIncidents(loops).find(({ id }) => id === incident);
    const loop = found === undefined ? null : loops.known(found.target as TargetId);
    if (loop === null) {
      throw new SluiceError({
        code: 'incident-unknown',
        message: `No open incident ${incident}.`,
        remedy: '`sluice incident list` shows the open ones.',
      });
    }
    await tellLoop(loop, said, { clock: parts.clock, by: user });
    return { done: true };
  }
}
