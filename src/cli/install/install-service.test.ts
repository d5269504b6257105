import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { launchdPlist, type ServiceSpec, systemdUnit } from './service-unit.ts';

const main = join(import.meta.dirname, '../../main.ts');

const spec: ServiceSpec = {
  name: 'sluice-shop-1a2b3c4d',
  project: 'shop 100%',
  node: '/opt/node 26/bin/node',
  main: '/opt/slu\\ice/"main".js',
  file: '/srv/$shop & co/sluice.yml',
  root: '/srv/$shop & co',
  stateDir: '/srv/$shop & co/.sluice',
  path: '/usr/bin:/opt/50%/bin',
  scope: 'system',
  user: 'deploy',
};

/** What systemd makes of a command line: quotes, backslashes, `%%` and `$$`. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, inQuotes, plain]) =>
    (inQuotes ?? plain ?? '').replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  );
}

describe('the service unit', () => {
  let place = '';
  before(async () => {
    place = await realpath(await mkdtemp(join(tmpdir(), 'sluice-install-')));
  });
  after(() => rm(place, { recursive: true, force: true }));

  it('starts the controller whatever characters its paths have', () => {
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(systemdUnit(spec)) ?? [];
    assert.deepEqual(wordsOf(line), [spec.node, spec.main, 'serve', '--config', spec.file]);
  });

  it('leaves router and instances alone when the controller ends, and starts it again when it failed', () => {
    for (const line of [
      'KillMode=process',
      'Restart=on-failure',
      'WantedBy=multi-user.target',
      'User=deploy',
    ]) {
      assert.ok(systemdUnit(spec).split('\n').includes(line), line);
    }
    const own = systemdUnit({ ...spec, scope: 'user' });
    assert.ok(own.includes('WantedBy=default.target') && !own.includes('User='));
    assert.match(launchdPlist(spec), /AbandonProcessGroup<\/key>\n {2}<true\/>/);
    assert.match(launchdPlist(spec), /<string>\/srv\/\$shop &amp; co\/sluice\.yml<\/string>/);
  });

  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
  it('is one that systemd takes', { skip: !analyze }, async () => {
    const file = join(place, 'sluice-test.service');
    const real = { ...spec, node: process.execPath, main, root: place, user: 'root' };
    await writeFile(file, systemdUnit(real));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    assert.deepEqual([status, stderr.includes('sluice-test')], [0, false], stderr);
  });

  const linux = process.platform === 'linux';
  it('is written, printed only, and removed by `sluice serve`', { skip: !linux }, async () => {
    const project = join(place, 'my shop');
    const units = join(place, 'config', 'systemd', 'user');
    await mkdir(project);
    await writeFile(join(project, 'sluice.yml'), 'project: shop\nservices: { web: { start: node x.js } }\n');
    const run = (...args: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        const env = { ...process.env, XDG_CONFIG_HOME: join(place, 'config'), SLUICE_STATE_DIR: undefined };
        const options = { cwd: project, env };
        execFile(process.execPath, [main, 'serve', ...args], options, (error, out) =>
          error === null ? resolve(out) : reject(error),
        );
      });
    assert.match(await run('--install', '--dry-run'), /^ExecStart=/m);
    await assert.rejects(readdir(units));
    assert.match(await run('--install'), /systemctl --user enable --now sluice-shop-[0-9a-f]{8}\.service/);
    const [name = ''] = await readdir(units);
    assert.match(await readFile(join(units, name), 'utf8'), /"[^"]*my shop\/sluice\.yml"/);
    assert.match(await run('--uninstall'), /^Removed /);
    assert.deepEqual(await readdir(units), []);
  });
});
