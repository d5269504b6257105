import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const repository = join(import.meta.dirname, '..');
const run = promisify(execFile);

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

/** `npm` of the run that this test is part of, else the one on the path; with the Node that runs the test. */
async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const given = process.env.npm_execpath;
  const [command, first] = given?.endsWith('.js') ? [process.execPath, [given]] : ['npm', []];
  return (await run(command, [...first, ...args], { cwd, env: environment() })).stdout;
}

/** Without what an outer npm says to the scripts it runs: it would be taken for settings of this one. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
  return {
    ...Object.fromEntries(own),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    SLUICE_STATE_DIR: undefined,
  };
}

/** A copy, so that packing neither meets what an earlier build left nor writes into the repository. */
async function pack(place: string): Promise<string> {
  const copy = join(place, 'repository');
  const { files } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
  const sources = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'README.md', 'LICENSE'];
  for (const name of [...sources, ...files.filter((file) => file !== 'dist')]) {
    await cp(join(repository, name), join(copy, name), { recursive: true });
  }
  await symlink(await realpath(join(repository, 'node_modules')), join(copy, 'node_modules'));
  await npm(copy, 'pack', '--silent', '--pack-destination', place);
  return join(place, (await readdir(place)).find((name) => name.endsWith('.tgz')) ?? 'no tarball');
}

/** A project that has what the package needs when it runs, each in the place of the lock, so that no network is asked. */
async function layDependencies(place: string): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
  const project = { name: 'elsewhere', private: true, dependencies };
  await writeFile(join(place, 'package.json'), JSON.stringify(project));
  const text = await readFile(join(repository, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { readonly dev?: boolean }> };
  const needed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  for (const [path] of needed) {
    const from = await realpath(join(repository, path));
    const own = (file: string) => file === from || !file.startsWith(join(from, 'node_modules'));
    await cp(from, join(place, path), { recursive: true, filter: own });
  }
  // Without its links, npm takes a package with commands for a broken one and asks for it again.
  const links = join('node_modules', '.bin');
  await cp(join(repository, links), join(place, links), { recursive: true, verbatimSymlinks: true });
}

describe('the package', () => {
  let place = '';
  let sluice = async (_cwd: string, ..._args: readonly string[]): Promise<string> => '';
  before(async () => {
    place = await realpath(await mkdtemp(join(tmpdir(), 'sluice-package-')));
    const tarball = await pack(place);
    const elsewhere = join(place, 'elsewhere');
    await mkdir(elsewhere);
    await layDependencies(elsewhere);
    const offline = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await npm(elsewhere, 'install', ...offline, '--cache', join(place, 'cache'), tarball);
    const bin = join(elsewhere, 'node_modules', '.bin', 'sluice');
    sluice = async (cwd, ...args) => (await run(bin, args, { cwd, env: environment() })).stdout;
  });
  after(() => rm(place, { recursive: true, force: true }));

  it('tells the version of package.json when it is installed elsewhere', async () => {
    const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Manifest;
    assert.equal(await sluice(place, '--version'), `${version}\n`);
  });

  it('writes a sluice.yml there that loads, and serves and ends a project with it', async (t) => {
    const project = join(place, 'shop with a space');
    await mkdir(project);
    await sluice(project, 'init');
    assert.match(await readFile(join(project, 'sluice.yml'), 'utf8'), /^project: shop-with-a-space$/m);
    assert.equal((JSON.parse(await sluice(project, 'config', '--json')) as { ok: boolean }).ok, true);
    t.after(() => sluice(project, 'down'));
    assert.equal(await sluice(project, 'status', '--json'), '[]\n');
    assert.match(await sluice(project, 'down'), /^Stopped /);
  });

  it('holds no tests, fakes, sources or notes of the repository', async () => {
    const root = join(place, 'elsewhere', 'node_modules', 'sluice');
    const names = await readdir(root, { recursive: true });
    const strange =
      /\.ts$|\.map$|\.test\.|contract\.|-world\.|memory|fake-|fixtures\.|^(src|test|sim|bench|scripts|node_modules)/;
    assert.deepEqual(
      names.filter((name) => strange.test(name)),
      [],
    );
    for (const name of ['dist/main.js', 'schema/sluice.schema.json', 'examples/shop/server.js', 'LICENSE']) {
      assert.ok(names.includes(name), `${name} is in it`);
    }
  });
});
