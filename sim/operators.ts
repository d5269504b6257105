import { errorFacts } from '../src/base/sluice-error.ts';
import type { EngineApi } from '../src/engine/api.ts';
import type { ControllerRun } from './controller-run.ts';
import type { Random } from './random.ts';
import { worldTarget } from './scenario.ts';
import type { World } from './world.ts';

const place = { service: worldTarget.service, to: worldTarget.environment };
const methods = [
  ...Array.from({ length: 10 }, () => 'deploy' as const),
  ...Array.from({ length: 3 }, () => 'approve' as const),
  ...Array.from({ length: 3 }, () => 'promote' as const),
  ...Array.from({ length: 2 }, () => 'resume' as const),
  ...Array.from({ length: 2 }, () => 'incidentResolve' as const),
  'abort',
  'pause',
  'rollback',
  'signal',
  'override',
  'plan',
] as const;

/** People who ask for whatever comes to their mind, two of them at the same moment now and then. */
export class Operators {
  readonly #world: World;
  readonly #run: ControllerRun;

  constructor(world: World, run: ControllerRun) {
    this.#world = world;
    this.#run = run;
  }

  askAnything(): void {
    const { strikes } = this.#world;
    const name = strikes.next('ask');
    const random = strikes.random(name);
    const together = random.chance(0.25);
    if (strikes.happens(name)) this.#askOne(random);
    if (!together || !strikes.happens(`${name} too`)) return;
    this.#world.count('two operators at once');
    this.#askOne(strikes.random(`${name} too`));
  }

  deploy(unit: string): void {
    if (!this.#world.strikes.happens(`deploy ${unit}`)) return;
    this.#ask('deploy', 'ada', (api) => api.deploy({ ...place, unit }));
  }

  /** Answers what a rollout waits for a person for, until nothing waits any more. */
  async settle(): Promise<void> {
    const controller = this.#run.controller;
    if (controller === null) return;
    const [status] = await controller.api('ada').status({});
    const { ledger, nowMs } = this.#world;
    const { rollout } = ledger;
    for (const incident of rollout === null ? ledger.openIncidents : []) {
      this.#ask('incidentResolve', 'ada', (api) => api.incidentResolve({ incident, reason: 'seen to' }));
    }
    const going = status?.state.rollout;
    if (rollout === null || going?.phase !== 'forward') return;
    const step = ledger.step();
    if (going.pausedBy !== null || step?.type === 'pause')
      this.#ask('resume', 'ada', (api) => api.resume(place));
    if (step?.type === 'approve') this.#ask('approve', 'ada', (api) => api.approve(place));
    const waits = step?.type === 'analyze' && nowMs - rollout.stepStartedAtMs > 9_000;
    if (waits) this.#ask('abort', 'ada', (api) => api.abort(place));
  }

  #askOne(random: Random): void {
    const user = random.pick(['ada', 'ada', 'grace', 'mallory']);
    const { unit } = random.pick(this.#world.scenario.units);
    const method = random.pick(methods);
    const [incident = 'INC-none'] = this.#world.ledger.openIncidents;
    switch (method) {
      case 'deploy':
        this.#ask(method, user, (api) => api.deploy({ ...place, unit }));
        return;
      case 'override':
        this.#world.overriding(user, unit);
        this.#ask(method, user, (api) => api.deploy({ ...place, unit, override: 'it must go out' }));
        return;
      case 'incidentResolve':
        this.#ask(method, user, (api) => api.incidentResolve({ incident, reason: 'found and fixed' }));
        return;
      case 'signal': {
        const kind = random.pick(['security', 'integrity', 'outage', 'other']);
        this.#ask(method, user, (api) => api.signal({ ...place, kind, reason: 'seen outside' }));
        return;
      }
      case 'plan':
        this.#ask(method, user, (api) => api.plan({ ...place, unit }));
        return;
      default:
        this.#ask(method, user, (api) => api[method](place));
    }
  }

  #ask(
    method: string,
    user: string,
    call: (api: Omit<EngineApi, 'ping' | 'down'>) => Promise<unknown>,
  ): void {
    const world = this.#world;
    const controller = this.#run.controller;
    if (controller === null) return;
    const startedMs = world.nowMs;
    world.trace(`${user} asks: ${method}`);
    const answered = () => world.tell({ kind: 'asked', method, tookMs: world.nowMs - startedMs });
    call(controller.api(user)).then(answered, (error: unknown) => {
      const { code, message } = errorFacts(error);
      world.trace(`${user} is refused: ${code}`);
      if (code === 'unexpected' || code === 'invariant-broken') world.surprises(message);
      answered();
    });
  }
}
