import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { approveByQa } from '../examples/demo/demo-project.ts';
import { SluiceCommand } from '../examples/demo/sluice-command.ts';
import { callController } from '../src/daemon/socket-client.ts';
import type { RolloutSummary } from '../src/engine/api.ts';
import { freePort } from '../src/ports/runtime/free-port.ts';

const limitMs = 60_000;
const health = { path: '/healthz', interval: '250ms', successes: 2 };
const quickProbes = { health, ready: { ...health, interval: '50ms' } };
const where = { service: 'web', to: 'production' } as const;

/** A project in a temporary directory with a real controller, router and instances; `close` ends and removes them all. */
export class ServedProject {
  readonly #root: string;
  readonly #sluice: SluiceCommand;
  readonly url: string;

  private constructor(root: string, port: number) {
    this.#root = root;
    this.#sluice = new SluiceCommand(root);
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * `environment` is what production has beside its address, in the words of sluice.yml; `service` what the service has
   * beside its start. Default: probes that follow each other quickly. `within`: where its directory is made.
   */
  static async make(
    environment: Readonly<Record<string, unknown>>,
    service: Readonly<Record<string, unknown>> = quickProbes,
    within: string = tmpdir(),
  ): Promise<ServedProject> {
    const root = await realpath(await mkdtemp(join(within, 'sluice-bench-')));
    await mkdir(join(root, 'QA'));
    const port = await freePort();
    const config = {
      project: 'bench',
      services: { web: { start: 'node served-app.js', ...service } },
      environments: { production: { listen: `127.0.0.1:${port}`, ...environment } },
    };
    // JSON is YAML.
    await writeFile(join(root, 'sluice.yml'), JSON.stringify(config, null, 2));
    return new ServedProject(root, port);
  }

  get root(): string {
    return this.#root;
  }

  get stateDir(): string {
    return join(this.#root, '.sluice');
  }

  /**
   * Stores a version that fails the given share of its requests, approved by QA as `unit`. `usualShare` of them, included,
   * it fails as every release would.
   */
  async add(unit: string, failShare: number, usualShare = 0): Promise<void> {
    const directory = join(this.#root, 'builds', unit);
    await mkdir(directory, { recursive: true });
    await copyFile(join(import.meta.dirname, 'served-app.js'), join(directory, 'served-app.js'));
    await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', version: unit }));
    await writeFile(
      join(directory, 'release.json'),
      JSON.stringify({ version: unit, failShare, usualShare }),
    );
    const added = await this.#sluice.json(['artifact', 'add', directory, '--service', 'web', '--unit', unit]);
    await approveByQa(this.#root, unit, (added as { readonly digest: string }).digest);
  }

  /** The first release, through the command line, which starts the controller and the router. */
  async begin(unit: string): Promise<void> {
    // Ends a command that waits for ever; it then fails with what is known.
    const stop = setTimeout(() => this.#sluice.stop(), limitMs);
    const end = await this.#sluice
      .json(['deploy', 'web', '--to', 'production', '--unit', unit])
      .finally(() => clearTimeout(stop));
    const { ending } = end as { readonly ending?: string };
    if (ending !== 'succeeded') throw new Error(`the first release ended: ${JSON.stringify(end)}`);
  }

  async deploy(unit: string): Promise<string> {
    return (await this.#call('deploy', { ...where, unit, override: 'the bench goes on' })).rollout;
  }

  async steer(word: 'promote' | 'abort' | 'resume'): Promise<void> {
    await this.#call(word, { ...where, reason: 'bench' });
  }

  async rollback(): Promise<string> {
    return (await this.#call('rollback', where)).rollout;
  }

  /** Waits until users meet the candidate. */
  async untilTraffic(rollout: string): Promise<void> {
    await this.#until(`traffic for ${rollout}`, limitMs, async () => {
      const [status] = await this.#call('status', where);
      if (status?.state.rollout?.rollout !== rollout)
        throw new Error(`${rollout} ended before it had traffic`);
      const { requested, acknowledged } = status.state.routes;
      return (requested?.candidateWeight ?? 0) > 0 && acknowledged >= (requested?.version ?? 0) ? true : null;
    });
  }

  async ended(rollout: string, withinMs = limitMs): Promise<RolloutSummary> {
    const end = `the end of ${rollout}`;
    return this.#until(end, withinMs, async () => {
      const found = (await this.#call('history', where)).find((one) => one.rollout === rollout);
      return found === undefined || found.endedAt === null ? null : found;
    });
  }

  /** Ends everything, waits until it is gone, and removes the directory. */
  async close(): Promise<void> {
    this.#sluice.stop();
    await this.#sluice.text(['down']);
    await this.#until('the end of the controller and the router', limitMs, async () =>
      (await isGone(this.url)) && (await this.#isDown()) ? true : null,
    );
    await rm(this.#root, { recursive: true, force: true });
  }

  async #isDown(): Promise<boolean> {
    return this.#call('ping', {}).then(
      () => false,
      () => true,
    );
  }

  async #until<Value>(what: string, withinMs: number, look: () => Promise<Value | null>): Promise<Value> {
    const limit = performance.now() + withinMs;
    while (performance.now() < limit) {
      const seen = await look();
      if (seen !== null) return seen;
      await sleep(50);
    }
    throw new Error(`${withinMs / 1000} s passed without ${what}`);
  }

  #call: Call = (method, params) => callController(this.stateDir, method, params);
}

type Call = <M extends Parameters<typeof callController>[1]>(
  method: M,
  params: Parameters<typeof callController<M>>[2],
) => ReturnType<typeof callController<M>>;

async function isGone(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return false;
    },
    () => true,
  );
}
