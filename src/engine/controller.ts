import type { Lease } from '../journal/journal.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import type { TargetState } from '../rollout/state.ts';
import type { EngineApi } from './api.ts';
import { RouteCheck } from './check-routes.ts';
import type { ControllerParts } from './controller-parts.ts';
import { documentNames } from './document-names.ts';
import type { McpCallsApi } from './mcp-calls.ts';
import { observeInstances } from './observe-instances.ts';
import { type PastRollout, PastRollouts } from './past-rollouts.ts';
import { recoverInstances } from './recover-instances.ts';
import { type DocumentNames, ReportIndex } from './report-index.ts';
import { Requests } from './requests.ts';
import { StableRetries } from './retry-stable.ts';
import { Rollbacks } from './rollbacks.ts';
import { rolloutIds } from './rollout-ids.ts';
import { Steering } from './steering.ts';
import { TargetLoops } from './target-loops.ts';
import { Views } from './views.ts';
import type { WorkflowApi } from './workflow/workflow-api.ts';

/** Every target of one state directory: opens their loops, tells them what is seen, and has people's words carried to them. */
export class Controller {
  readonly #parts: ControllerParts;
  readonly #loops: TargetLoops;
  readonly #routes: RouteCheck;
  readonly #retries: StableRetries;
  readonly #past: PastRollouts;
  readonly #newRollout: ReturnType<typeof rolloutIds>;
  /** Names and stories of single rollouts, for whoever writes documents. */
  readonly reports: ReportIndex;
  #unwatch: () => void = () => {};

  constructor(parts: ControllerParts, lease: Lease) {
    this.#parts = parts;
    this.#loops = new TargetLoops(parts, lease);
    this.#routes = new RouteCheck(parts, this.#loops);
    this.#retries = new StableRetries(parts, this.#loops);
    this.#newRollout = rolloutIds(parts.clock);
    this.#past = new PastRollouts(parts.journal);
    this.reports = new ReportIndex(parts.journal);
  }

  /** Takes up every target that the journal knows. */
  async open(): Promise<void> {
    await this.#loops.open();
    this.#retries.open();
    const seen = observeInstances(this.#loops, this.#parts);
    const reached = this.#parts.traffic.onReconnect(() => {
      // Users do not wait for the backoff of a call that the router missed.
      for (const loop of this.#loops) loop.retry();
      void this.#routes.check();
    });
    this.#unwatch = () => {
      seen();
      reached();
    };
    for (const loop of this.#loops) await recoverInstances(loop, this.#parts);
    await this.#routes.check();
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#routes.close();
    this.#retries.close();
    await this.#loops.close();
  }

  /** The methods as `user` may call them. */
  api(user: string): Omit<EngineApi, 'ping' | 'down' | keyof McpCallsApi | keyof WorkflowApi> {
    const asked = { parts: this.#parts, loops: this.#loops, newRollout: this.#newRollout, user };
    const views = new Views({ ...asked, documents: (story) => this.documents(story) });
    const rollbacks = new Rollbacks(asked);
    const requests = new Requests({ ...asked, rollbacks });
    const steering = new Steering(asked);
    return {
      plan: (params) => views.plan(params),
      status: (params) => views.status(params),
      history: (params) => views.history(params),
      report: (params) => views.report(params),
      logs: (params) => views.logs(params),
      deploy: (params) => requests.deploy(params),
      signal: (params) => requests.signal(params),
      incidents: (params) => views.incidents(params),
      incidentAcknowledge: (params) => requests.incidentAcknowledge(params),
      incidentResolve: (params) => requests.incidentResolve(params),
      rollback: (params) => rollbacks.rollback(params),
      planRollback: (params) => rollbacks.planRollback(params),
      approve: (params) => steering.approve(params),
      pause: (params) => steering.pause(params),
      resume: (params) => steering.resume(params),
      promote: (params) => steering.promote(params),
      abort: (params) => steering.abort(params),
    };
  }

  /** Names of a rollout's documents; paths are relative to the project where they lie in it. */
  documents(story: RolloutStory): Promise<DocumentNames> {
    return documentNames(this.#parts, this.reports, story);
  }

  /** Every target, for whoever asks what is still needed. */
  targets(): readonly {
    readonly state: () => TargetState;
    readonly past: () => Promise<readonly PastRollout[]>;
  }[] {
    return [...this.#loops].map((loop) => ({
      state: () => loop.state,
      past: () => this.#past.of(loop.state.target),
    }));
  }
}
