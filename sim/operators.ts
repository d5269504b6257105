import { errorFacts } from '../src/base/sluice-error.ts';
import type { Controller } from '../src/engine/controller.ts';
import type { ControllerRun } from './controller-run.ts';
import type { Random } from './random.ts';
import { worldTarget } from './scenario.ts';
import type { World } from './world.ts';

const place = { service: worldTarget.service, to: worldTarget.environment };
/** What people ask for, by how often. */
const habits = {
  restless: {
    deploy: 10,
    approve: 3,
    promote: 3,
    resume: 2,
    incidentResolve: 2,
    rollback: 2,
    abort: 1,
    pause: 1,
    signal: 1,
    override: 1,
    plan: 1,
  },
  /** They go forward and back again, and let each rollout come to its end. */
  wavering: { deploy: 4, rollback: 4, incidentResolve: 2 },
  /** The same people while one is under way. */
  waiting: { approve: 2, resume: 1, promote: 1 },
} as const;

type Method = keyof (typeof habits)['restless'];

function methodsOf(habit: keyof typeof habits): readonly Method[] {
  const weights = Object.entries(habits[habit]) as readonly (readonly [Method, number])[];
  return weights.flatMap(([method, weight]) => Array.from({ length: weight }, () => method));
}

const methods = {
  restless: methodsOf('restless'),
  wavering: methodsOf('wavering'),
  waiting: methodsOf('waiting'),
};

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
    this.#ask(`deploy ${unit}`, 'ada', (api) => api.deploy({ ...place, unit }));
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
    const judged = step?.type === 'analyze' || step?.type === 'mirror';
    const waits = judged && nowMs - rollout.stepStartedAtMs > 9_000;
    if (waits) this.#ask('abort', 'ada', (api) => api.abort(place));
  }

  get #habit(): keyof typeof habits {
    const { scenario, ledger } = this.#world;
    if (scenario.habit === 'restless') return 'restless';
    return ledger.rollout === null ? 'wavering' : 'waiting';
  }

  #askOne(random: Random): void {
    const user = random.pick(['ada', 'ada', 'grace', 'mallory']);
    const { unit } = random.pick(this.#world.scenario.units);
    const method = random.pick(methods[this.#habit]);
    const [incident = 'INC-none'] = this.#world.ledger.openIncidents;
    const acceptIrreversible = random.chance(0.5);
    switch (method) {
      case 'deploy':
        this.#ask(`deploy ${unit}`, user, (api) => api.deploy({ ...place, unit, acceptIrreversible }));
        return;
      case 'override':
        this.#world.overriding(user, unit);
        this.#ask(`deploy ${unit} in spite of incidents`, user, (api) =>
          api.deploy({ ...place, unit, override: 'it must go out' }),
        );
        return;
      case 'incidentResolve':
        this.#ask(method, user, (api) => api.incidentResolve({ incident, reason: 'found and fixed' }));
        return;
      case 'signal': {
        const kind = random.pick(['security', 'integrity', 'outage', 'other']);
        this.#ask(method, user, (api) => api.signal({ ...place, kind, reason: 'seen outside' }));
        return;
      }
      case 'rollback':
        this.#ask(method, user, (api) => api.rollback({ ...place, acceptIrreversible }));
        return;
      case 'plan':
        this.#ask(method, user, (api) => api.plan({ ...place, unit }));
        return;
      default:
        this.#ask(method, user, (api) => api[method](place));
    }
  }

  #ask(method: string, user: string, call: (api: ReturnType<Controller['api']>) => Promise<unknown>): void {
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
