import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { callController } from '../../src/daemon/socket-client.ts';
import type { EngineApi, Method, RolloutSummary, TargetStatus } from '../../src/engine/api.ts';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import type { TargetState } from '../../src/rollout/state.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const service = join(import.meta.dirname, 'service.js');

/** How a command line ended. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** A project in a temporary directory, used through the command line only. Everything of it ends with the test. */
export class Project {
  readonly root: string;
  /** Port of each environment, by name. */
  readonly ports: Readonly<Record<string, number>>;

  private constructor(root: string, ports: Readonly<Record<string, number>>) {
    this.root = root;
    this.ports = ports;
  }

  /** `yaml` makes sluice.yml of the ports of `environments`. */
  static async make(
    t: TestContext,
    yaml: (ports: Readonly<Record<string, number>>) => string,
    environments: readonly string[] = ['production'],
  ): Promise<Project> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-e2e-')));
    const ports = await Promise.all(environments.map(async (name) => [name, await freePort()] as const));
    const project = new Project(root, Object.fromEntries(ports));
    t.after(() => project.close());
    await mkdir(join(root, 'QA'));
    await writeFile(join(root, 'sluice.yml'), yaml(project.ports));
    return project;
  }

  url(environment = 'production'): string {
    return `http://127.0.0.1:${this.ports[environment]}`;
  }

  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  run(...args: readonly string[]): Promise<Ran> {
    return this.runWith(main, ...args);
  }

  /** As `run`, with the `main.ts` of another version. */
  async runWith(program: string, ...args: readonly string[]): Promise<Ran> {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SLUICE_STATE_DIR: this.path('.sluice') },
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, errors };
  }

  /** The last line of what `--json` prints. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { out, errors } = await this.run(...args, '--json');
    const last = out.trim().split('\n').at(-1) ?? '';
    assert.ok(last.startsWith('{') || last.startsWith('['), `${args.join(' ')}: ${out}${errors}`);
    return JSON.parse(last) as T;
  }

  /** Writes a build of the test service that answers as `behaviour` says; resolves with its directory. */
  async build(version: string, behaviour: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const directory = this.path('builds', version);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'server.js'), await readFile(service));
    await writeFile(join(directory, 'behaviour.json'), JSON.stringify({ version, ...behaviour }));
    await writeFile(join(directory, 'package.json'), JSON.stringify({ version, type: 'module' }));
    return directory;
  }

  /** Adds a build of `version` for `unit` and lets QA approve it; resolves with its digest. */
  async approved(
    unit: string,
    version: string,
    behaviour: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const directory = await this.build(version, behaviour);
    const { digest } = await this.json<{ digest: string }>(
      ...['artifact', 'add', directory, '--service', 'web', '--unit', unit],
    );
    await this.approve(unit, digest);
    return digest;
  }

  async approve(unit: string, digest: string): Promise<void> {
    const text = `---\nunit_id: ${unit}\nstatus: approved\nartifact: ${digest}\n---\n\nTested.\n`;
    await writeFile(this.path('QA', `QA-Report-${unit}.md`), text);
  }

  deploy(unit: string, to = 'production'): Promise<RolloutSummary> {
    return this.json('deploy', 'web', '--to', to, '--unit', unit);
  }

  /** Approves a version and deploys it until it is stable. */
  async released(
    unit: string,
    version: string,
    behaviour: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.approved(unit, version, behaviour);
    const end = await this.deploy(unit);
    assert.equal(end.ending, 'succeeded', JSON.stringify(end));
  }

  async status(to = 'production'): Promise<TargetStatus> {
    const answer = await this.json<TargetStatus[] | object>('status', 'web', '--to', to);
    const [status] = Array.isArray(answer) ? answer : [];
    assert.ok(status !== undefined, JSON.stringify(answer));
    return status;
  }

  /** Asks for the status again and again until it fits. */
  async until(
    what: string,
    fits: (status: TargetStatus) => boolean,
    { to = 'production', withinMs = 20_000 } = {},
  ): Promise<TargetStatus> {
    for (const end = Date.now() + withinMs; ; ) {
      const status = await this.status(to);
      if (fits(status)) return status;
      assert.ok(Date.now() < end, `not ${what} within ${withinMs} ms: ${JSON.stringify(status.state)}`);
    }
  }

  async ended(rollout: string, withinMs = 30_000): Promise<RolloutSummary> {
    await this.until(`ended ${rollout}`, ({ state }) => state.rollout?.rollout !== rollout, { withinMs });
    const history = await this.json<RolloutSummary[]>('history');
    const found = history.find((one) => one.rollout === rollout);
    assert.ok(found !== undefined);
    return found;
  }

  /** Pids of every process that works in this project, or was started for it. */
  async processes(): Promise<readonly { readonly pid: number; readonly command: string }[]> {
    const found: { pid: number; command: string }[] = [];
    for (const name of await readdir('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid === process.pid) continue;
      try {
        const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
        const cwd = await readlink(`/proc/${pid}/cwd`);
        if (command !== '' && `${cwd} ${command}`.includes(this.root)) found.push({ pid, command });
      } catch {
        // It ended while it was looked at, or belongs to somebody else.
      }
    }
    return found;
  }

  /** Asks the controller on its socket, without starting one; quick enough to meet a moment of a rollout. */
  call<M extends Method>(method: M, params: Parameters<EngineApi[M]>[0]): ReturnType<EngineApi[M]> {
    return callController(this.path('.sluice'), method, params) as ReturnType<EngineApi[M]>;
  }

  /** Waits until the state of production fits, looking every few milliseconds. */
  async moment(what: string, fits: (state: TargetState) => boolean, withinMs = 20_000): Promise<TargetState> {
    for (const end = Date.now() + withinMs; ; await setTimeout(5)) {
      const [status] = await this.call('status', { service: 'web', to: 'production' });
      if (status !== undefined && fits(status.state)) return status.state;
      assert.ok(Date.now() < end, `not ${what} within ${withinMs} ms: ${JSON.stringify(status?.state)}`);
    }
  }

  /** Pids of the instances of one version: of what listens, not of a shell around it. */
  async instances(version: string): Promise<readonly number[]> {
    const mine = (await this.processes()).filter(({ command }) => command === 'node server.js');
    const told = await Promise.all(
      mine.map(async ({ pid }) => ({
        pid,
        environment: await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
      })),
    );
    return told
      .filter(({ environment }) => environment.split('\0').includes(`SLUICE_VERSION=${version}`))
      .map(({ pid }) => pid);
  }

  async kill(word: 'router' | 'controller'): Promise<number> {
    const one = word === 'router' ? await this.#router() : await this.call('ping', {});
    process.kill(one.pid, 'SIGKILL');
    return one.pid;
  }

  async #router(): Promise<{ readonly pid: number }> {
    for (const end = Date.now() + 5_000; ; await setTimeout(10)) {
      const one = (await this.processes()).find(({ command }) => command.includes('main-router'));
      if (one !== undefined) return one;
      assert.ok(Date.now() < end, 'no router runs');
    }
  }

  async close(): Promise<void> {
    await this.run('down');
    for (const { pid } of await this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    await rm(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
