import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import type { Look, Match } from '../../base/look.ts';
import { livingMembers } from '../runtime/process-table.ts';
import { observerContract } from './contract.ts';
import type { Observer } from './port.ts';
import { openObserver } from './system-observer.ts';

const environment = { PATH: process.env.PATH, SECRET: 'never' };
const mib = 1_048_576;

observerContract('the observer of this machine', async () => {
  const root = await mkdtemp(join(tmpdir(), 'sluice-observe-'));
  const observer = openObserver({ clock: systemClock, environment });
  return {
    observer,
    root,
    write: (path, text) => writeFile(join(root, path), text),
    async makeDirectory(path) {
      await mkdir(join(root, path));
    },
    async close() {
      await observer.close();
      await rm(root, { recursive: true, force: true });
    },
  };
});

let root = '';
let observer: Observer;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-observe-'));
  observer = openObserver({ clock: systemClock, environment });
});
after(async () => {
  await observer.close();
  await rm(root, { recursive: true, force: true });
});

const look = (what: Look, signal?: AbortSignal) =>
  observer.look(what, signal === undefined ? { root } : { root, signal });
const file = (path: string, match: Match | null = null): Look => ({ kind: 'file', paths: [path], match });
const pattern = (source: string): Match => ({ kind: 'pattern', source });

describe('a look at a file', () => {
  it('does not leave the workspace, by no way', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'sluice-outside-'));
    await writeFile(join(outside, 'f'), 'secret');
    await symlink(join(outside, 'f'), join(root, 'link'));
    await symlink(outside, join(root, 'way'));
    await symlink('circle', join(root, 'circle'));
    await writeFile(join(root, 'inside'), 'mine');
    await symlink('inside', join(root, 'alias'));
    for (const path of ['link', 'way/f', join(outside, 'f'), `../${outside.split('/').pop()}/f`]) {
      const seen = await look(file(path));
      assert.deepEqual([seen.holds, seen.content, seen.digest], [false, null, null]);
      assert.match(seen.observed, /leads out of the workspace/);
    }
    for (const path of ['circle', 'zero\0byte', 'x'.repeat(5_000), '']) {
      assert.equal((await look(file(path))).holds, false);
    }
    assert.equal((await look({ kind: 'directory', paths: ['way'] })).holds, false);
    assert.equal((await look(file('alias'))).content, 'mine');
    assert.equal((await look(file(join(root, 'inside')))).holds, true);
    await rm(outside, { recursive: true });
  });

  it('does not wait on a pipe', async () => {
    assert.equal(spawnSync('mkfifo', [join(root, 'pipe')]).status, 0);
    const seen = await look(file('pipe'));
    assert.deepEqual(
      [seen.holds, seen.observed],
      [false, 'no such file: pipe (pipe is a socket, pipe or device)'],
    );
  });

  it('looks into 2 GB without loading them', async () => {
    const size = 2_000 * mib;
    await using large = await open(join(root, 'large'), 'w');
    await large.write('at the beginning');
    await large.truncate(size);
    await large.write('in the middle', size / 2);
    await large.write('at the end', size - 100);
    const before = process.memoryUsage.rss();
    let most = before;
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 20);
    const seen = await look(file('large', { kind: 'literal', any: ['at the end'] }));
    clearInterval(watching);
    assert.ok(seen.holds && seen.digest?.startsWith('sha256:'));
    assert.match(seen.observed, /first 8 MiB and the last MiB of 2\.0 GiB/);
    assert.equal(seen.content?.length, mib);
    assert.ok(most - before < 150 * mib, `${(most - before) / mib} MiB more`);
    const stopped = new AbortController();
    setImmediate(() => stopped.abort());
    assert.equal(
      (await look(file('large', pattern('in the middle')), stopped.signal)).observed,
      'the look was cancelled',
    );
    const json = await look({ kind: 'json', paths: ['large'], schema: null });
    assert.match(json.observed, /too large to be read as JSON/);
    await rm(join(root, 'large'));
  });

  it('ends a pattern that explodes, while others go on', async () => {
    await writeFile(join(root, 'long'), `${'a'.repeat(5_000)}!`);
    let beats = 0;
    const heart = setInterval(() => {
      beats += 1;
    }, 10);
    const seen = await look(file('long', pattern('(a+)+$')));
    clearInterval(heart);
    assert.equal(seen.holds, false);
    assert.match(seen.observed, /took too long/);
    assert.ok(beats > 20, `only ${beats} beats`);
    assert.equal((await look(file('long', pattern('(a+)+!$')))).holds, true);
  });

  it('throws at nothing that it is asked', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    await writeFile(join(root, 'deep.json'), deep);
    assert.equal(typeof (await look(file('deep.json', { kind: 'json', value: [] }))).holds, 'boolean');
    assert.equal(typeof (await observer.match(deep, { kind: 'json', value: [] })).holds, 'boolean');
    assert.equal((await look({ kind: 'json', paths: [], schema: null })).holds, false);
    assert.equal((await look({ kind: 'no such kind' } as unknown as Look)).holds, false);
  });

  it('ends a schema whose pattern explodes', async () => {
    await writeFile(join(root, 'text.json'), JSON.stringify(`${'a'.repeat(100)}!`));
    const seen = await look({ kind: 'json', paths: ['text.json'], schema: { pattern: '^(a+)+$' } });
    assert.match(seen.observed, /took too long/);
  });

  it('leaves a look under way when the observer is closed', async () => {
    const other = openObserver({ clock: systemClock, environment });
    const looking = other.look({ ...command('sleep 1000') }, { root });
    const matching = other.match('a'.repeat(100), pattern('(a+)+!$'));
    await other.close();
    assert.deepEqual([(await looking).holds, (await matching).holds], [false, false]);
    assert.equal((await other.look(file('long', pattern('(a+)+')), { root })).holds, false);
  });
});

describe('a look over HTTP', () => {
  const withServer = async (listener: RequestListener, does: (url: string) => Promise<void>) => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await does(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`).finally(() => {
      server.closeAllConnections();
      server.close();
    });
  };
  const http = (url: string, status: number | null = null, match: Match | null = null): Look => ({
    kind: 'http',
    method: 'GET',
    url,
    status,
    match,
  });

  it('tells the status line and matches the body', () =>
    withServer(
      (request, response) => {
        if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
        else if (request.url === '/down') response.writeHead(503).end('{"status":"down"}');
        else response.end('{"status":"up"}');
      },
      async (url) => {
        const up = await look(http(url, 200, { kind: 'json', value: { status: 'up' } }));
        assert.deepEqual([up.holds, up.excerpt], [true, '{"status":"up"}']);
        const down = await look(http(`${url}down`));
        assert.deepEqual([down.holds, down.observed], [false, 'HTTP/1.1 503 Service Unavailable']);
        assert.equal((await look(http(`${url}down`, 503))).holds, true);
        assert.equal((await look(http(url, 201))).observed, 'HTTP/1.1 200 OK instead of 201');
        const moved = await look(http(`${url}moved`, 302));
        assert.deepEqual([moved.holds, moved.observed], [true, 'HTTP/1.1 302 Found']);
        assert.equal((await look(http(url, 200, { kind: 'literal', any: ['down'] }))).holds, false);
      },
    ));

  it('reads no more than a MiB of a body without end', () =>
    withServer(
      (_, response) => {
        const flood = () => {
          while (response.write('x'.repeat(65_536)));
        };
        response.on('drain', flood);
        flood();
      },
      async (url) => {
        const seen = await look(http(url));
        assert.deepEqual([seen.holds, seen.digest], [true, null]);
        assert.match(seen.observed, /only the first MiB was read/);
      },
    ));

  it('tells why there is no answer, and nothing of a password', async () => {
    let url = '';
    await withServer(
      () => undefined,
      async (its) => {
        url = its;
        const stopped = new AbortController();
        const waiting = look(http(its), stopped.signal);
        await wait(50);
        stopped.abort();
        assert.equal((await waiting).holds, false);
      },
    );
    const refused = await look(http(url.replace('//', '//ann:secret@')));
    assert.equal(refused.observed, `GET ${url}: nothing listens there (ECONNREFUSED)`);
    assert.match((await look(http('ftp://127.0.0.1/'))).observed, /no http or https address/);
    assert.match((await look(http('not an address'))).observed, /no http or https address/);
    assert.equal((await look({ ...(http(url) as object), method: 'BAD METHOD' } as Look)).holds, false);
  });
});

describe('a look at processes', () => {
  it('finds one by its command line or its port, and never the one that asks', async () => {
    const name = `sluice-test-${process.pid}-service`;
    const process_ = (port: number | null = null): Look => ({ kind: 'process', name, port });
    assert.equal((await look(process_())).holds, false);
    const child = spawn(
      process.execPath,
      [
        '-e',
        "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })",
        name,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    const seen = await look(process_());
    assert.ok(seen.holds && seen.observed.startsWith(`process ${child.pid} (node)`), seen.observed);
    assert.equal(
      (await look({ kind: 'process', name: 'no such name at all', port })).observed,
      `something listens on port ${port}`,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal((await look(process_(port))).holds, false);
    assert.equal((await look({ kind: 'process', name: '', port: null })).holds, false);
  });

  it('takes neither its own looks nor the shells around them for it', async () => {
    const name = `sluice-test-${process.pid}-mentioned`;
    const stopped = new AbortController();
    const flag = join(root, 'flag');
    const looking = look(command(`echo ${name}; touch ${flag}; sleep 1000; true`), stopped.signal);
    while ((await readFile(flag).catch(() => null)) === null) await wait(5);
    const shell = spawn('/bin/sh', ['-c', `sleep 1000; echo ${name}`], { detached: true, stdio: 'ignore' });
    await once(shell, 'spawn');
    assert.equal((await look({ kind: 'process', name, port: null })).holds, false);
    process.kill(-(shell.pid ?? Number.NaN), 'SIGKILL');
    stopped.abort();
    assert.equal((await looking).observed, 'was cancelled');
  });
});

describe('a look by a command', () => {
  it('gives exit code, output in order, digest, and the environment of the allow-list', async () => {
    const good = await look(
      command('echo out; echo err >&2; echo "$SECRET$GIVEN"', { env: { GIVEN: 'given' } }),
    );
    assert.deepEqual([good.holds, good.exitCode, good.excerpt], [true, 0, 'out\nerr\ngiven\n']);
    const bad = await look(command('pwd; exit 7'));
    assert.deepEqual([bad.holds, bad.exitCode, bad.observed], [false, 7, 'exit code 7']);
    assert.deepEqual((await look(command('kill -SEGV $$'))).observed, 'ended by SIGSEGV');
    assert.match(
      (await observer.look(command('true'), { root: join(root, 'gone') })).observed,
      /could not be started in/,
    );
  });

  it('counts tests, and holds only with one that passed and none that failed', async () => {
    const tests = (run: string) => look({ ...command(run), tests: true });
    assert.equal(
      (await tests('echo "3 passed, 0 failed"')).observed,
      'exit code 0; tests: 3 passed, 0 failed',
    );
    for (const run of [
      'true',
      'echo "0 passed, 0 failed"',
      'echo "3 passed, 1 failed"',
      'echo "3 passed"; exit 1',
    ]) {
      assert.equal((await tests(run)).holds, false, run);
    }
  });

  it('ends the whole group at its time', async () => {
    const seen = await look(
      command('echo $$ > leader; trap "" TERM; sleep 1000 & sleep 1000', { timeoutMs: 300 }),
    );
    assert.deepEqual(
      [seen.holds, seen.exitCode, seen.observed],
      [false, null, 'ended after its time of 300 ms'],
    );
    const leader = Number(await readFile(join(root, 'leader'), 'utf8'));
    assert.deepEqual(await livingMembers(leader), []);
  });

  it('ends what the command leaves behind, and does not wait for it', async () => {
    const seen = await look(command('echo $$ > leader; nohup sleep 1000 & echo done'));
    assert.deepEqual([seen.holds, seen.excerpt], [true, 'done\n']);
    const leader = Number(await readFile(join(root, 'leader'), 'utf8'));
    assert.deepEqual(await livingMembers(leader), []);
  });

  it('is not held up by a daemon that left the group and holds the output open', async () => {
    const seen = await look(command('setsid sleep 30 & echo $! > daemon; sleep 0.1; echo done'));
    assert.deepEqual([seen.holds, seen.excerpt], [true, 'done\n']);
    process.kill(Number(await readFile(join(root, 'daemon'), 'utf8')), 'SIGKILL');
  });

  it('keeps the tail of a flood and no more', async () => {
    const before = process.memoryUsage.rss();
    const seen = await look(
      command('yes flood | head -c 1000000000; echo; echo the end', { timeoutMs: 60_000 }),
    );
    assert.ok(seen.holds && seen.excerpt.endsWith('\nthe end\n'));
    assert.ok(seen.excerpt.length <= 2_000);
    const more = (process.memoryUsage.rss() - before) / mib;
    assert.ok(more < 100, `${more} MiB more`);
  });
});

function command(
  run: string,
  { timeoutMs = 20_000, env = {} }: { timeoutMs?: number; env?: Record<string, string> } = {},
): Extract<Look, { kind: 'command' }> {
  return { kind: 'command', run, timeoutMs, env, tests: false };
}
