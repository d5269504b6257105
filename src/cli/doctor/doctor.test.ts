import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { loadConfig } from '../../config/load-config.ts';
import { selfSigned } from '../../ports/traffic/self-signed.ts';
import { certificateProblems } from '../certificate-problems.ts';
import { checkAccessLogs } from './check-access-logs.ts';
import { checkAssets } from './check-assets.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkClock, checkNode } from './check-machine.ts';
import { checkNotices } from './check-notices.ts';
import { checkController, checkRouter } from './check-processes.ts';
import { checkCommands, checkConfig, checkListen } from './check-project.ts';
import { checkJournal, checkStateDirectory } from './check-state.ts';
import { doctorText } from './doctor-text.ts';
import { programOf } from './find-program.ts';

const now = Date.UTC(2030, 0);
const statuses = (checks: readonly { readonly status: string }[]) => checks.map(({ status }) => status);

describe('the doctor', () => {
  let place = '';
  before(async () => {
    place = await realpath(await mkdtemp(join(tmpdir(), 'sluice-doctor-')));
  });
  after(() => rm(place, { recursive: true, force: true }));

  async function configOf(text: string) {
    await writeFile(join(place, 'sluice.yml'), text);
    return loadConfig(join(place, 'sluice.yml'), { env: {} });
  }

  it('wants Node.js 24', () => {
    assert.deepEqual(statuses(['24.0.0', '26.1.0', '22.9.0'].map(checkNode)), ['ok', 'ok', 'fail']);
  });

  it('sees a clock that was set back since the last event', () => {
    const ahead = [null, now - 5, now + 1_000, now + 60_000, now + 3_600_000];
    assert.deepEqual(statuses(ahead.map((at) => checkClock(now, at))), ['ok', 'ok', 'ok', 'warn', 'fail']);
    assert.equal(checkClock(0, null).status, 'fail');
  });

  it('wants the state directory closed to others', async () => {
    const directory = join(place, 'state');
    assert.equal((await checkStateDirectory(directory)).status, 'ok');
    await mkdir(directory, { mode: 0o700 });
    assert.equal((await checkStateDirectory(directory)).status, 'ok');
    await chmod(directory, 0o755);
    const { status, remedy } = await checkStateDirectory(directory);
    assert.deepEqual([status, remedy], ['fail', `chmod 700 '${directory}'`]);
  });

  it('warns where pages of two versions meet by chance, and offers stickiness', async () => {
    const looked = async (service: string, environment: string) => {
      const loaded = await configOf(
        `project: a\nservices: { web: { start: x${service} } }\nenvironments: { production: { ${environment} } }\n`,
      );
      assert.ok(loaded.ok, JSON.stringify(loaded));
      return checkAssets(loaded);
    };
    const written = ', assets: [/assets/, hashed]';
    const [found] = await looked(written, 'strategy: canary');
    assert.deepEqual([found?.status, found?.name], ['warn', 'assets production']);
    assert.match(found?.remedy ?? '', /`affinity: cookie`/);
    assert.deepEqual(statuses(await looked(written, 'affinity: cookie')), ['ok']);
    assert.deepEqual(statuses(await looked(written, 'strategy: ab')), ['ok']);
    assert.deepEqual(statuses(await looked(written, 'strategy: { kind: ab, affinity: none }')), ['warn']);
    for (const kind of ['blue-green', 'recreate'])
      assert.deepEqual(await looked(written, `strategy: ${kind}`), []);
    assert.deepEqual(await looked('', 'strategy: canary'), []);
    assert.deepEqual(await looked(', assets: off', 'strategy: canary'), []);
    await writeFile(join(place, 'package.json'), '{"devDependencies":{"vite":"7"}}');
    assert.deepEqual(statuses(await looked('', 'strategy: rolling')), ['warn']);
    assert.deepEqual(await looked(', assets: off', 'strategy: canary'), []);
    await rm(join(place, 'package.json'));
  });

  it('reads certificates as the router does, and says when they run out', async () => {
    const looked = async (to: number, key?: string) => {
      const made = selfSigned(['shop.test'], { from: 0, to });
      await writeFile(join(place, 'shop.crt'), made.certificate);
      await writeFile(join(place, 'shop.key'), key ?? made.key);
      const loaded = await configOf(
        'project: a\nservices: { web: { start: x } }\nenvironments:\n  production:\n    tls:\n      certificate: shop.crt\n      key: shop.key\n',
      );
      assert.ok(loaded.ok, JSON.stringify(loaded));
      const [check] = await checkCertificates(loaded, now);
      return { ...check, problems: await certificateProblems(loaded, now) };
    };
    const day = 86_400_000;
    const good = await looked(now + 90 * day);
    assert.deepEqual([good.status, good.problems], ['ok', []]);
    assert.match(good.found ?? '', /shop\.test, until 2030-/);
    assert.equal((await looked(now + 3 * day)).status, 'warn');
    const { status, problems } = await looked(now - day);
    assert.equal(status, 'fail');
    const [{ code, file, line }] = problems as [(typeof problems)[0]];
    assert.deepEqual([code, file.endsWith('sluice.yml'), line], ['certificate-expired', true, 6]);
    const mixed = await looked(now + 90 * day, selfSigned(['b.test']).key);
    assert.deepEqual(
      mixed.problems.map(({ code, path, line }) => [code, path, line]),
      [['certificate-key-mismatch', 'environments.production.tls.key', 7]],
    );
    assert.equal((await looked(now + 90 * day, 'no key')).problems[0]?.line, 7);
  });

  it('needs no controller, no router and no journal', async () => {
    const nothing = join(place, 'nothing');
    const asked = { version: '1.0.0', targets: new Map(), clock: systemClock };
    assert.equal((await checkJournal(nothing)).status, 'ok');
    assert.deepEqual(statuses(await checkController(nothing, asked)), ['ok', 'ok']);
    assert.deepEqual(statuses(await checkRouter(nothing, asked)), ['ok']);
  });

  it('tells every problem of sluice.yml with its place and remedy', async () => {
    const checks = checkConfig('sluice.yml', await configOf('project: shop\nservces: {}\n'));
    assert.ok(
      checks.length > 0 && checks.every(({ status, remedy }) => status === 'fail' && remedy !== null),
    );
    assert.match(checks.map(({ found }) => found).join(), /sluice\.yml:2:1/);
  });

  it('finds a listen address that somebody else has, and a start command that nobody has', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as { readonly port: number };
    const loaded = await configOf(
      `project: shop\nservices:\n  web: { start: no-such-program serve }\nenvironments:\n  production: { listen: 127.0.0.1:${port} }\n`,
    );
    assert.ok(loaded.ok, JSON.stringify(loaded));
    assert.deepEqual(statuses(await checkListen(loaded.config, [])), ['fail']);
    assert.deepEqual(statuses(await checkListen(loaded.config, [{ listen: `127.0.0.1:${port}` }])), ['ok']);
    const [start] = await checkCommands(loaded.config);
    assert.match(start?.found ?? '', /no "no-such-program" is on the PATH/);
  });

  it('delivers nothing, but sees where it could not', async () => {
    await writeFile(join(place, 'plain'), '');
    const channels =
      'notices: [terminal, { file: plain/x.jsonl }, { command: no-such-program }, { folder: new/inbox }]';
    const loaded = await configOf(`project: shop\nservices:\n  web: { start: node x.js }\n${channels}\n`);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    const checks = await checkNotices(loaded.config, place);
    assert.deepEqual(statuses(checks).slice(0, 4), ['ok', 'fail', 'fail', 'ok']);
  });

  it('sees whether an access log has a directory', async () => {
    const looked = async (path: string) => {
      const loaded = await configOf(
        `project: a\nservices: { web: { start: x } }\nenvironments: { production: { accessLog: ${path} } }\n`,
      );
      assert.ok(loaded.ok, JSON.stringify(loaded));
      const checks = await checkAccessLogs(loaded.config);
      return checks.find(({ name }) => name === 'access log production');
    };
    assert.equal((await looked('access.log'))?.status, 'ok');
    assert.match((await looked('nowhere/access.log'))?.found ?? '', /nowhere is not a directory/);
  });

  it('knows the program of a command, and what only a shell can tell', () => {
    assert.equal(programOf('NODE_ENV=production exec node server.js'), 'node');
    for (const command of ['cd api && node x.js', '$RUNNER x', '"my program" x', '']) {
      assert.equal(programOf(command), null);
    }
  });

  it('prints within 80 columns', () => {
    const long = { name: 'routes web@production', found: 'word '.repeat(60), remedy: 'word '.repeat(40) };
    const text = doctorText('1.0.0', [{ ...long, status: 'fail' }]);
    assert.ok(text.split('\n').every((line) => line.length <= 80));
  });
});
