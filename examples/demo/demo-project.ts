import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const shop = join(import.meta.dirname, '../shop');

/** A project of its own in a temporary directory, as a team that uses Sluice would have it. */
export interface DemoProject {
  readonly root: string;
  readonly production: string;
}

/** Makes it, with free ports; `fast` halves every time in its sluice.yml. */
export async function makeDemoProject({ fast }: { readonly fast: boolean }): Promise<DemoProject> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-demo-')));
  await mkdir(join(root, 'QA'));
  const [staging, production] = await freePorts();
  const template = await readFile(join(shop, 'sluice.yml'), 'utf8');
  const config = template
    .replace('127.0.0.1:8081', `127.0.0.1:${staging}`)
    .replace('127.0.0.1:8080', `127.0.0.1:${production}`);
  await writeFile(join(root, 'sluice.yml'), fast ? halved(config) : config);
  return { root, production: `http://127.0.0.1:${production}` };
}

/** Builds a version of the shop into the project; resolves with its directory. */
export function buildShop(root: string, version: string): string {
  const directory = join(root, 'builds', version);
  const built = spawnSync(process.execPath, [join(shop, 'build.js'), version, directory], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`building shop ${version} failed: ${built.stderr}`);
  return directory;
}

/** What QA writes once it has tested exactly this artifact. */
export async function approveByQa(root: string, unit: string, digest: string): Promise<void> {
  const lines = [
    '---',
    `unit_id: ${unit}`,
    'status: approved',
    `artifact: ${digest}`,
    'tests_passed: 48/48',
    'blocking_bugs: 0',
    '---',
  ];
  await writeFile(
    join(root, 'QA', `QA-Report-${unit}.md`),
    `${lines.join('\n')}\n\n# QA report ${unit}\n\nTested; nothing found.\n`,
  );
}

function halved(config: string): string {
  return config.replace(/: (\d+)s\b/g, (_, seconds) => `: ${Number(seconds) * 500}ms`);
}

async function freePorts(): Promise<readonly number[]> {
  const servers = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
