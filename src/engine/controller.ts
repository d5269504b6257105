import { join, relative, resolve } from 'node:path';
import type { Cancel } from '../base/clock.ts';
import {
  type IncidentId,
  type InstanceId,
  parseEnvironmentName,
  parseServiceName,
  parseTargetId,
  parseUnitId,
  type RolloutId,
  type Target,
  targetId,
  type UnitId,
} from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { Lease } from '../journal/journal.ts';
import type { Permission } from '../policy/policy.ts';
import type { InstanceObservation } from '../ports/runtime/port.ts';
import { deploymentReport } from '../report/deployment-report.ts';
import { goingBackText } from '../report/going-back-text.ts';
import { blockedPlanText, planText } from '../report/plan-text.ts';
import { remedyOf } from '../report/remedy.ts';
import { reportFacts } from '../report/report-facts.ts';
import { reportFile } from '../report/report-name.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { verdictOn } from '../rollout/evidence.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import { currentStep, type Rollout, type Serving, type TargetState } from '../rollout/state.ts';
import type { Waivers } from '../rollout/waivers.ts';
import type { Done, EngineApi, RolloutSummary, SignalAnswer, TargetStatus } from './api.ts';
import type { ControllerParts } from './controller-parts.ts';
import { hasRole, permit } from './entitlement.ts';
import { paperworkOf } from './paperwork.ts';
import { Performer } from './perform-actions.ts';
import { fixedIncidents } from './qa-gates.ts';
import { readStories } from './read-stories.ts';
import { recoverInstances } from './recover-instances.ts';
import { type DocumentNames, ReportIndex } from './report-index.ts';
import { nothingKept, promotedReleases, withArtifact } from './restorable-releases.ts';
import { TargetLoop } from './target-loop.ts';
import { verifyRollback } from './verify-rollback.ts';
import { configOf, type Verification, verifyDeployment } from './verify-rollout.ts';

interface Running {
  readonly loop: TargetLoop;
}

type Params<M extends keyof EngineApi> = Parameters<EngineApi[M]>[0];

const checkAgainMs = 1_000;

/** Every target of one state directory: opens their loops, and answers what people ask of them. */
export class Controller {
  readonly #parts: ControllerParts;
  readonly #lease: Lease;
  /** Names and stories of single rollouts, for whoever writes documents. */
  readonly reports: ReportIndex;
  readonly #targets = new Map<string, Running>();
  #unwatch: () => void = () => {};
  #cancelCheck: Cancel = () => {};
  #closed = false;
  #counter = 0;

  constructor(parts: ControllerParts, lease: Lease) {
    this.#parts = parts;
    this.#lease = lease;
    this.reports = new ReportIndex(parts.journal);
  }

  /** Takes up every target that the journal knows. */
  async open(): Promise<void> {
    for (const stream of await this.#parts.journal.streams()) {
      if (stream.startsWith('target/')) await this.#targetOf(parseTargetId(stream.slice('target/'.length)));
    }
    const seen = this.#parts.runtime.watch((observation) => this.#observed(observation));
    const reached = this.#parts.traffic.onReconnect(() => {
      // Users do not wait for the backoff of a call that the router missed.
      for (const { loop } of this.#targets.values()) loop.retry();
      void this.#checkRoutes();
    });
    this.#unwatch = () => {
      seen();
      reached();
    };
    for (const { loop } of this.#targets.values()) await recoverInstances(loop, this.#parts);
    await this.#checkRoutes();
  }

  #observed({ id: instance, status, address, reason }: InstanceObservation): void {
    const { clock, log } = this.#parts;
    const loops = [...this.#targets.values()].map(({ loop }) => loop);
    if (status !== 'stopped' && !loops.some(({ state }) => instance in state.instances)) {
      this.#stopUnknown(instance).catch((error: unknown) => log(String(error)));
      return;
    }
    const base = { type: 'RecordInstance', instance, status, address, reason, by: 'controller' } as const;
    for (const loop of loops) {
      const known = loop.state.instances[instance];
      // The start is told by the action that waits for it; afterwards each change of health counts.
      if (known === undefined || known.retiredAt !== null || known.status === 'starting') continue;
      loop.dispatch({ ...base, at: clock.now() }).catch((error: unknown) => log(String(error)));
    }
  }

  /**
   * Nobody else would ever stop an instance that was started by a call that outlived its reason: the journal knows of each
   * one before it is started. Only whoever has read all of the journal may say so; another controller may have gone on.
   */
  async #stopUnknown(instance: InstanceId): Promise<void> {
    const { journal, runtime } = this.#parts;
    for (const stream of await journal.streams()) {
      if (!stream.startsWith('target/')) continue;
      const state = this.#targets.get(stream.slice('target/'.length))?.loop.state;
      if (state === undefined || instance in state.instances) return;
      if ((await journal.read(stream, { after: state.version, limit: 1 })).length > 0) return;
    }
    await runtime.stop(instance, { deadlineMs: 10_000 });
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#closed = true;
    this.#cancelCheck();
    for (const { loop } of this.#targets.values()) await loop.close();
  }

  /** The methods as `user` may call them. */
  api(user: string): Omit<EngineApi, 'ping' | 'down'> {
    return {
      plan: (params) => this.#plan(params),
      deploy: (params) => this.#deploy(params, user),
      rollback: (params) => this.#rollback(params, user),
      planRollback: (params) => this.#planRollback(params, user),
      status: (params) => this.#status(params),
      history: (params) => this.#history(params),
      report: (params) => this.#report(params),
      logs: (params) => this.#logs(params),
      approve: async (params) => this.#approve(params, user),
      pause: (params) => this.#steer(params, user, 'promote', { type: 'Pause' }),
      resume: (params) => this.#steer(params, user, 'promote', { type: 'Resume' }),
      promote: (params) =>
        this.#steer(params, user, 'promote', {
          type: 'Promote',
          reason: params.reason ?? 'promoted by hand',
        }),
      abort: (params) =>
        this.#steer(params, user, 'abort', { type: 'Abort', reason: params.reason ?? 'aborted by hand' }),
      signal: (params) => this.#signal(params, user),
      incidents: async () => this.#incidents(),
      incidentAcknowledge: ({ incident }) =>
        this.#onIncident(incident, user, { type: 'AcknowledgeIncident', incident: incident as never }),
      incidentResolve: ({ incident, reason }) =>
        this.#onIncident(incident, user, { type: 'ResolveIncident', incident: incident as never, reason }),
    };
  }

  async #targetOf(target: Target): Promise<Running> {
    const id = targetId(target);
    const known = this.#targets.get(id);
    if (known !== undefined) return known;
    const { journal, clock, log } = this.#parts;
    const performer = new Performer({
      parts: this.#parts,
      fence: () => this.#lease.fence,
      verify: (state) => this.#verify(state),
    });
    const loop = new TargetLoop({
      target,
      journal,
      clock,
      perform: performer.perform,
      lease: this.#lease,
      onFailure: (action, error) =>
        log(`${id} ${action.id}: ${error instanceof Error ? error.message : String(error)}`),
    });
    const running = { loop };
    this.#targets.set(id, running);
    await loop.open();
    return running;
  }

  async #asked(params: {
    readonly service: string;
    readonly to: string;
  }): Promise<Running & { readonly target: Target }> {
    const target = {
      service: parseServiceName(params.service),
      environment: parseEnvironmentName(params.to),
    };
    configOf(await this.#parts.config(), target);
    return { ...(await this.#targetOf(target)), target };
  }

  async #verify(state: TargetState): Promise<Verification> {
    const { rollout } = state;
    if (rollout?.backTo !== undefined) {
      const { backTo } = rollout;
      const kept = await this.#promoted(state.target);
      return verifyRollback(this.#parts, state, { rollout: rollout.rollout, backTo, kept });
    }
    if (rollout === null || rollout.unit === null) return { gates: [], plan: null };
    return this.#verifyUnit(state, rollout.rollout, rollout.unit);
  }

  #verifyUnit(
    state: TargetState,
    rollout: RolloutId,
    unit: UnitId,
    waivers: Waivers = state.rollout?.waivers ?? {},
  ): Promise<Verification> {
    const stories = (target: Target) => this.#stories(target);
    return verifyDeployment(this.#parts, state, { rollout, unit, waivers, stories });
  }

  async #plan(params: Params<'plan'>): ReturnType<EngineApi['plan']> {
    const { loop, target } = await this.#asked(params);
    const unit = parseUnitId(params.unit);
    const config = await this.#parts.config();
    const paperwork = paperworkOf(config, configOf(config, target).environment, this.#parts.clock.now());
    const verification = await this.#verifyUnit(loop.state, this.#newRollout(), unit);
    const { gates, plan } = verification;
    const text =
      plan === null ? blockedPlanText(gates, paperwork, { unit, target }) : planText(plan, gates, paperwork);
    return { gates, plan, text };
  }

  async #deploy(params: Params<'deploy'>, user: string): ReturnType<EngineApi['deploy']> {
    const { loop, target } = await this.#asked(params);
    const config = await this.#parts.config();
    permit(config, user, 'deploy');
    if (params.override !== undefined) permit(config, user, 'override');
    const unit = parseUnitId(params.unit);
    const { environment } = configOf(config, target);
    const fixes = fixedIncidents(await this.#parts.qa.find(unit));
    const open = () =>
      this.#incidents()
        .filter(({ target: where }) => parseTargetId(where).environment === target.environment)
        .filter(({ id }) => !fixes.includes(id))
        .map(({ id }) => id as IncidentId);
    const waivers = waiversOf(params, open());
    const rollout = this.#newRollout();
    const { onConflict } = environment.policy;
    const paperwork = paperworkOf(config, environment, this.#parts.clock.now());
    const asked = { type: 'RequestRollout', rollout, unit, onConflict, paperwork, waivers } as const;
    // An incident may be opened while this waits for its turn: what blocks is asked at the moment of deciding.
    const blockedBy = () => (params.override === undefined ? open() : []);
    await this.#tell(loop, () => ({ ...asked, blockedBy: blockedBy() }), user);
    return { rollout };
  }

  async #rollback(params: Params<'rollback'>, user: string): ReturnType<EngineApi['rollback']> {
    const { loop, target } = await this.#asked(params);
    const config = await this.#parts.config();
    permit(config, user, 'rollback');
    const going = loop.state.rollout?.rollout;
    if (going !== undefined && params.release === undefined) {
      const at = this.#parts.clock.now();
      await loop.dispatch({ type: 'Abort', reason: 'rolled back by hand', at, by: user });
      // One that was promoted in the meantime cannot be aborted any more: its release is the one to go back from.
      if (loop.state.stable?.rollout !== going) return { rollout: going };
    }
    const { state } = loop;
    const { to } = await this.#wanted(params, target, state);
    return { rollout: await this.#goBackTo(loop, to, waiversOf(params, []), user) };
  }

  async #planRollback(params: Params<'planRollback'>, user: string): ReturnType<EngineApi['planRollback']> {
    const { loop, target } = await this.#asked(params);
    const { state } = loop;
    if (state.rollout !== null && params.release === undefined) {
      return { gates: [], plan: planOf(state.rollout), text: goingBackText(state.rollout) };
    }
    const { to, kept } = await this.#wanted(params, target, state);
    const { unit } = to.release;
    const rollout = this.#newRollout();
    const asked = { phase: 'verifying', rollout, unit, by: user, waivers: waiversOf(params, []) } as const;
    const { gates, plan } = await verifyRollback(
      this.#parts,
      { ...state, rollout: asked },
      { rollout, backTo: to.rollout, kept },
    );
    if (plan === null) return { gates, plan, text: gateLines(gates) };
    const config = await this.#parts.config();
    const paperwork = paperworkOf(config, configOf(config, target).environment, this.#parts.clock.now());
    return { gates, plan, text: planText(plan, gates, paperwork) };
  }

  /** The release that a rollback names, or the newest kept one that is not stable. */
  async #wanted(
    { release: wanted }: { readonly release?: string },
    target: Target,
    { stable }: TargetState,
  ): Promise<{ readonly to: Serving; readonly kept: readonly Serving[] }> {
    const kept = await this.#promoted(target);
    const wants = kept.filter(({ rollout, release }) =>
      wanted === undefined
        ? rollout !== stable?.rollout
        : [release.version, release.artifact as string, rollout as string].includes(wanted),
    );
    const restorable = await withArtifact(kept, this.#parts.artifacts);
    // Without a name only the one before will do: silently going back further would surprise whoever asked.
    const to = (wanted === undefined ? wants.slice(-1) : wants).findLast((one) => restorable.includes(one));
    if (to === undefined) throw nothingKept({ target, wanted, known: wants.at(-1), kept: restorable });
    return { to, kept };
  }

  async #goBackTo(loop: TargetLoop, to: Serving, waivers: Waivers, user: string): Promise<RolloutId> {
    const config = await this.#parts.config();
    const rollout = this.#newRollout();
    const command = {
      type: 'RequestRollout',
      rollout,
      unit: to.release.unit,
      backTo: to.rollout,
      // What is promoted has the floor only until the router has acknowledged it.
      onConflict: loop.state.rollout?.rollout === loop.state.stable?.rollout ? 'queue' : 'refuse',
      blockedBy: [],
      waivers,
      paperwork: paperworkOf(
        config,
        configOf(config, loop.state.target).environment,
        this.#parts.clock.now(),
      ),
    } as const;
    await this.#tell(loop, command, user);
    return rollout;
  }

  /**
   * A trigger from outside. A candidate that users meet is taken back; after a success an incident is opened, and what would
   * wait for nobody (a vulnerability, data in doubt, an outage) goes back to the release that is still warm.
   */
  async #signal(params: Params<'signal'>, user: string): Promise<SignalAnswer> {
    const { loop } = await this.#asked(params);
    permit(await this.#parts.config(), user, 'signal');
    const { kind, reason = 'no reason given' } = params;
    const message = `${kind}: ${reason}`;
    const { rollout, stable, standby } = loop.state;
    if (rollout !== null && stable?.rollout !== rollout.rollout) {
      await this.#tell(loop, { type: 'TakeBack', code: `signal-${kind}`, message }, user);
      return { done: true, rollback: null };
    }
    await this.#tell(loop, { type: 'OpenIncident', signal: kind, title: message }, user);
    const [warm] = standby;
    const urgent = kind === 'security' || kind === 'integrity' || kind === 'outage';
    if (!urgent || warm === undefined || rollout !== null) return { done: true, rollback: null };
    return { done: true, rollback: await this.#goBackTo(loop, warm, {}, user) };
  }

  /** Every release that was stable once: those whose artifact is gone still tell what became of the schema. */
  async #promoted(target: Target): Promise<readonly Serving[]> {
    return promotedReleases(await this.#stories(target));
  }

  async #status(params: Params<'status'>): Promise<readonly TargetStatus[]> {
    return [...this.#targets]
      .filter(([, { loop }]) => matches(loop.state.target, params))
      .map(([target, { loop }]) => statusOf(target, loop.state));
  }

  async #history(params: Params<'history'>): Promise<readonly RolloutSummary[]> {
    const lists = await Promise.all(
      [...this.#targets.values()]
        .filter(({ loop }) => matches(loop.state.target, params))
        .map(async ({ loop }) =>
          (await this.#acknowledged(loop)).map((story) => summaryOf(story, loop.state.target)),
        ),
    );
    return lists.flat().sort((a, b) => b.startedAt - a.startedAt);
  }

  async #report(params: Params<'report'>): ReturnType<EngineApi['report']> {
    const found: RolloutStory[] = [];
    for (const { loop } of this.#targets.values()) {
      if (matches(loop.state.target, params)) found.push(...(await this.#stories(loop.state.target)));
    }
    const story = found
      .filter(
        ({ rollout, unit }) =>
          params.rollout === undefined || rollout === params.rollout || unit === params.rollout,
      )
      .sort((a, b) => a.startedAt - b.startedAt)
      .at(-1);
    if (story === undefined) {
      throw new SluiceError({
        code: 'rollout-unknown',
        message: `There is no rollout ${params.rollout ?? 'here yet'}.`,
        remedy: '`sluice history` lists them.',
      });
    }
    const { root } = await this.#parts.config();
    const path = story.endedAt === null ? null : resolve(root, (await this.documents(story)).report);
    const { rollout, plan: planned, gates, paperwork } = story;
    const plan = planned === null || paperwork === null ? null : planText(planned, gates, paperwork);
    return { rollout, path, text: deploymentReport(story), plan, facts: reportFacts(story) };
  }

  /** Names of a rollout's documents; paths are relative to the project where they lie in it. */
  async documents({ rollout, paperwork }: RolloutStory): Promise<DocumentNames> {
    const { root, reports } = await this.#parts.config();
    const name = await this.reports.nameOf(rollout);
    return {
      name,
      report: join(paperwork?.reports ?? reports, reportFile(name)),
      plan: join(relative(root, this.#parts.stateDir), 'plans', `Plan-${name}.md`),
    };
  }

  async #logs(params: Params<'logs'>): ReturnType<EngineApi['logs']> {
    const { loop } = await this.#asked(params);
    const bytes = params.bytes ?? 16_384;
    return Promise.all(
      Object.values(loop.state.instances).map(async ({ id }) => ({
        instance: id,
        text: await this.#parts.runtime.logs(id, { bytes }),
      })),
    );
  }

  async #approve(params: Params<'approve'>, user: string): Promise<Done> {
    const { loop, target } = await this.#asked(params);
    const config = await this.#parts.config();
    permit(config, user, 'approve');
    const step = currentStep(loop.state.rollout);
    const wanted =
      step?.type === 'approve' ? step.roles : configOf(config, target).environment.policy.approvals;
    const role = params.role ?? wanted.find((name) => hasRole(config, user, name));
    if (role === undefined || !hasRole(config, user, role)) {
      throw new SluiceError({
        code: 'not-entitled',
        message: `${user} has none of the roles that must approve: ${wanted.join(', ') || 'none is asked for'}.`,
        remedy: 'Give the role to the user under `roles:` in sluice.yml, or ask somebody who has it.',
      });
    }
    const { approverMustDiffer } = configOf(config, target).environment.policy;
    if (approverMustDiffer && loop.state.rollout?.by === user) {
      throw new SluiceError({
        code: 'approver-is-requester',
        message: `${user} asked for this rollout and cannot approve it.`,
        remedy: 'Ask somebody else who has the role.',
      });
    }
    await this.#tell(loop, { type: 'Approve', role, comment: params.reason ?? '' }, user);
    return { done: true };
  }

  async #steer(
    params: { readonly service: string; readonly to: string },
    user: string,
    permission: Permission,
    command: Omitted<RolloutCommand>,
  ): Promise<Done> {
    const { loop } = await this.#asked(params);
    permit(await this.#parts.config(), user, permission);
    await this.#tell(loop, command, user);
    return { done: true };
  }

  #incidents(): Awaited<ReturnType<EngineApi['incidents']>> {
    return [...this.#targets].flatMap(([target, { loop }]) =>
      loop.state.incidents.map(({ id, severity, title, openedAt, acknowledgedBy }) => ({
        id,
        target,
        severity,
        title,
        openedAt,
        acknowledgedBy,
      })),
    );
  }

  async #onIncident(incident: string, user: string, command: Omitted<RolloutCommand>): Promise<Done> {
    permit(await this.#parts.config(), user, 'resolve');
    const found = this.#incidents().find(({ id }) => id === incident);
    const running = found === undefined ? undefined : this.#targets.get(found.target);
    if (running === undefined) {
      throw new SluiceError({
        code: 'incident-unknown',
        message: `No open incident ${incident}.`,
        remedy: '`sluice incident list` shows the open ones.',
      });
    }
    await this.#tell(running.loop, command, user);
    return { done: true };
  }

  async #tell(
    loop: TargetLoop,
    command: Omitted<RolloutCommand> | (() => Omitted<RolloutCommand>),
    user: string,
  ): Promise<void> {
    const at = this.#parts.clock.now();
    const decision = await loop.dispatch(
      () => ({ ...(typeof command === 'function' ? command() : command), at, by: user }) as RolloutCommand,
    );
    if (decision.kind === 'refused') throw new SluiceError(decision);
  }

  /** No further than the state: who reads that a rollout ended can ask for the next one. */
  #acknowledged({ state: { target, version: limit } }: TargetLoop): Promise<readonly RolloutStory[]> {
    return readStories(this.#parts.journal, target, { limit });
  }

  #stories(target: Target): Promise<readonly RolloutStory[]> {
    return readStories(this.#parts.journal, target);
  }

  /** A router that came back with less than it had acknowledged gets its table again. Asked until it answers. */
  async #checkRoutes(): Promise<void> {
    this.#cancelCheck();
    for (const [id, { loop }] of this.#targets) {
      try {
        const applied = await this.#parts.traffic.applied(id as never);
        const version = applied?.version ?? 0;
        if (version < loop.state.routes.acknowledged) {
          await loop.dispatch({
            type: 'RecordLostRoutes',
            version,
            at: this.#parts.clock.now(),
            by: 'controller',
          });
        }
      } catch (error) {
        this.#parts.log(`${id}: ${error instanceof Error ? error.message : String(error)}`);
        if (this.#closed) return;
        this.#cancelCheck();
        this.#cancelCheck = this.#parts.clock.after(checkAgainMs, () => void this.#checkRoutes());
      }
    }
  }

  #newRollout(): RolloutId {
    this.#counter += 1;
    const time = this.#parts.clock.now().toString(36);
    return `R-${time}${this.#counter.toString(36).padStart(2, '0')}` as RolloutId;
  }

  /** Every target, for whoever asks what is still needed. */
  targets(): readonly {
    readonly state: () => TargetState;
    readonly stories: () => Promise<readonly RolloutStory[]>;
  }[] {
    return [...this.#targets.values()].map(({ loop }) => ({
      state: () => loop.state,
      stories: () => this.#stories(loop.state.target),
    }));
  }
}

type Omitted<T> = T extends unknown ? Omit<T, 'at' | 'by'> : never;

function statusOf(target: string, state: TargetState): TargetStatus {
  const { rollout } = state;
  if (rollout === null || rollout.phase === 'verifying') return { target, state, evidence: null };
  const { candidate, stable, analysis } = rollout.evidence;
  const verdict = verdictOn(rollout.evidence, rollout.plan);
  const evidence = { candidate, stable, cursor: null, analysis: { problem: analysis.problem } };
  const shown = { ...rollout, evidence } as unknown as Rollout;
  return {
    target,
    state: { ...state, rollout: shown },
    evidence: { rollout: rollout.rollout, candidate, stable, verdict },
  };
}

function matches(
  target: Target,
  { service, to }: { readonly service?: string; readonly to?: string },
): boolean {
  return (
    (service === undefined || target.service === service) && (to === undefined || target.environment === to)
  );
}

function summaryOf(story: RolloutStory, target: Target): RolloutSummary {
  const { rollout, unit, by, startedAt, endedAt, plan, ending, reason } = story;
  return {
    rollout,
    target: targetId(target),
    unit,
    version: plan?.release.version ?? null,
    by,
    startedAt,
    endedAt,
    ending: ending ?? 'running',
    reason: reason?.message ?? null,
    code: reason?.code ?? null,
    remedy: remedyOf(story),
  };
}

function waiversOf(
  params: { readonly override?: string; readonly acceptIrreversible?: boolean },
  open: readonly IncidentId[],
): Waivers {
  const { override: reason, acceptIrreversible } = params;
  return {
    ...(reason === undefined || open.length === 0 ? {} : { incidents: { ids: open, reason } }),
    ...(acceptIrreversible === true ? { irreversible: true } : {}),
  };
}

function planOf(rollout: Rollout): RolloutPlan | null {
  return rollout.phase === 'verifying' ? null : rollout.plan;
}

function gateLines(gates: readonly GateResult[]): string {
  return gates
    .filter(({ holds }) => !holds)
    .map(
      ({ gate: name, observed, required, remedy }) =>
        `${name}: ${observed}; required: ${required}. ${remedy}`,
    )
    .join('\n');
}
