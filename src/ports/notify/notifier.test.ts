import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { notifierContract, sampleNotice } from './contract.ts';
import { openNotifier } from './notifier.ts';
import type { Channel, Notice } from './port.ts';

const home = await mkdtemp(join(tmpdir(), 'sluice-notify-'));
const received: {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly json: Notice;
}[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = request.url ?? '';
  if (path.startsWith('/silent')) return;
  if (path.startsWith('/moved')) return void response.writeHead(307, { location: '/take' }).end();
  if (!path.startsWith('/take')) return void response.writeHead(503).end('down');
  received.push({
    path,
    headers: request.headers,
    json: JSON.parse(Buffer.concat(chunks).toString()) as Notice,
  });
  response.writeHead(204).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as { port: number }).port}`;
after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(home, { recursive: true, force: true });
});
let worlds = 0;

async function openWorld() {
  worlds += 1;
  const world = worlds;
  const root = join(home, String(world));
  await mkdir(join(root, 'in-the-way'), { recursive: true });
  await writeFile(join(root, 'no-folder'), '');
  const lines: string[] = [];
  let open = true;
  const terminal = (line: string) => {
    if (!open) throw new Error('EPIPE');
    lines.push(line);
  };
  const limits = { commandTimeoutMs: 5_000, webhookTimeoutMs: 300 };
  return {
    root,
    lines,
    notifier: openNotifier({ root, stateDir: join(root, 'state'), terminal, ...limits }),
    channel: async (kind: Channel['kind']) => channelsOf(world)[kind],
    async brokenChannel(kind: Channel['kind']) {
      open = false;
      return brokenChannels[kind];
    },
    titles: async (channel: Channel) => titlesAt(root, channel, lines),
  };
}

const channelsOf = (world: number): Readonly<Record<Channel['kind'], Channel>> => ({
  terminal: { kind: 'terminal' },
  file: { kind: 'file', path: 'deep/notices.jsonl' },
  command: { kind: 'command', run: 'echo "$SLUICE_NOTICE_TITLE" >> told' },
  webhook: { kind: 'webhook', url: `http://${host}/take/${world}` },
  folder: { kind: 'folder', path: '' },
});

const brokenChannels: Readonly<Record<Channel['kind'], Channel>> = {
  terminal: { kind: 'terminal' },
  file: { kind: 'file', path: 'in-the-way' },
  command: { kind: 'command', run: 'exit 3' },
  webhook: { kind: 'webhook', url: `http://${host}/refuse` },
  folder: { kind: 'folder', path: 'no-folder' },
};

async function titlesAt(
  root: string,
  channel: Channel,
  lines: readonly string[],
): Promise<readonly string[]> {
  const text = async (path: string) => (await readFile(join(root, path), 'utf8')).trimEnd().split('\n');
  switch (channel.kind) {
    case 'terminal':
      return lines.map((line) => line.replace(/^start: /, ''));
    case 'file':
      return (await text('deep/notices.jsonl')).map((line) => (JSON.parse(line) as Notice).title);
    case 'command':
      return text('told');
    case 'webhook':
      return received.filter(({ path }) => channel.url.endsWith(path)).map(({ json }) => json.title);
    case 'folder': {
      const items = await Promise.all(
        (await readdir(join(root, 'Inbox'))).map((name) => text(join('Inbox', name))),
      );
      return items.map((item) => parse(item.slice(1, item.indexOf('---', 1)).join('\n')).title as string);
    }
  }
}

notifierContract('the real notifier', openWorld);

describe('the real notifier', () => {
  it('tells the terminal one line, and lets no title draw on it', async () => {
    const { notifier, lines } = await openWorld();
    const title = 'bad\r\n\x1b[2Jtitle\u202e\x07';
    await notifier.deliver(sampleNotice({ kind: 'escalation', title }), { kind: 'terminal' });
    assert.deepEqual(lines, ['escalation: bad title']);
  });

  it('gives a command the facts on standard input', async () => {
    const { notifier, root } = await openWorld();
    const run = 'cat > facts; printf "%s|%s" "$SLUICE_NOTICE_KIND" "$SLUICE_NOTICE_TITLE" > names';
    const title = '$(touch pwned); "quoted"';
    await notifier.deliver(sampleNotice({ title }), { kind: 'command', run });
    assert.deepEqual(JSON.parse(await readFile(join(root, 'facts'), 'utf8')), sampleNotice().facts);
    assert.equal(await readFile(join(root, 'names'), 'utf8'), `start|${title}`);
    assert.deepEqual((await readdir(root)).includes('pwned'), false);
  });

  it('delivers large facts to a command that does not read them', async () => {
    const { notifier } = await openWorld();
    const facts = { log: 'x'.repeat(5_000_000) };
    await notifier.deliver(sampleNotice({ facts }), { kind: 'command', run: 'true' });
  });

  it('ends a command at its deadline', async () => {
    const { root } = await openWorld();
    const notifier = openNotifier({ root, stateDir: root, terminal: () => {}, commandTimeoutMs: 150 });
    const sent = notifier.deliver(sampleNotice(), { kind: 'command', run: 'sleep 300 | sleep 300' });
    await assert.rejects(sent, { code: 'notice-not-delivered', message: /within 150 ms/ });
  });

  it('posts the whole notice as JSON', async () => {
    const { notifier } = await openWorld();
    await notifier.deliver(sampleNotice(), { kind: 'webhook', url: `http://ann:pw@${host}/take/whole` });
    const [post] = received.filter(({ path }) => path === '/take/whole');
    assert.deepEqual(post?.json, { ...sampleNotice(), text: sampleNotice().title });
    assert.equal(post?.headers['content-type'], 'application/json');
    assert.equal(post?.headers['idempotency-key'], 'R-1.start');
    assert.equal(post?.headers.authorization, `Basic ${Buffer.from('ann:pw').toString('base64')}`);
  });

  it('follows no redirect, waits no longer than allowed, and knows what is no URL', async () => {
    const { notifier } = await openWorld();
    for (const [url, message] of [
      [`http://${host}/moved`, /answered 307/],
      [`http://${host}/silent`, /within 300 ms/],
      ['http://127.0.0.1:1/', /failed/],
      ['file:///etc/passwd', /not an http/],
      ['nonsense', /not an http/],
    ] as const) {
      const sent = notifier.deliver(sampleNotice(), { kind: 'webhook', url });
      await assert.rejects(sent, { code: 'notice-not-delivered', message });
    }
  });

  it('tells no secret when a delivery fails', async () => {
    const { notifier } = await openWorld();
    const channels: readonly Channel[] = [
      { kind: 'webhook', url: `http://ann:hush1@${host}/services/hush2?token=hush3` },
      { kind: 'webhook', url: 'http://ann:hush1@127.0.0.1:1/hush2?token=hush3' },
      {
        kind: 'command',
        run: 'TOKEN=hush1; echo "Authorization: Bearer hush2hush2 token=hush3" >&2; exit 1',
      },
    ];
    for (const channel of channels) {
      await assert.rejects(notifier.deliver(sampleNotice(), channel), (error: Error) => {
        assert.doesNotMatch(JSON.stringify({ ...error, message: error.message }), /hush/);
        return true;
      });
    }
  });

  it('begins a new line after one that was cut off, and lets many appends keep their lines', async () => {
    const { notifier, root } = await openWorld();
    const path = join(root, 'notices.jsonl');
    await writeFile(path, '{"id":"cut of');
    const ids = Array.from({ length: 20 }, (_, n) => `N-${n}`);
    await Promise.all(ids.map((id) => notifier.deliver(sampleNotice({ id }), { kind: 'file', path })));
    const [cut, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
    assert.equal(cut, '{"id":"cut of');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as Notice).id),
      ids,
    );
  });

  it('writes to the state directory when a file channel names no path', async () => {
    const { notifier, root } = await openWorld();
    await notifier.deliver(sampleNotice(), { kind: 'file', path: '' });
    assert.match(await readFile(join(root, 'state', 'notices.jsonl'), 'utf8'), /"id":"R-1.start"/);
  });

  it('keeps frontmatter that a body has, and leaves an item alone that somebody works on', async () => {
    const { notifier, root } = await openWorld();
    const body = '---\nseverity: high\n---\n# Bug\n';
    const folder: Channel = { kind: 'folder', path: 'work/Inbox' };
    await notifier.deliver(sampleNotice({ body, kind: 'bug-report' }), folder);
    const path = join(root, 'work', 'Inbox', 'R-1.start.md');
    assert.equal(await readFile(path, 'utf8'), body);
    await writeFile(path, 'taken by ann');
    await notifier.deliver(sampleNotice({ body }), folder);
    assert.equal(await readFile(path, 'utf8'), 'taken by ann');
    assert.deepEqual(await readdir(join(root, 'work', 'Inbox')), ['R-1.start.md']);
  });

  it('writes every id inside the folder, and through no link', async () => {
    const { notifier, root } = await openWorld();
    const folder: Channel = { kind: 'folder', path: 'Inbox' };
    const ids = ['../../escape', '/etc/x', '..', '', 'a/b', 'a:b', 'a b', `${'x'.repeat(400)}`];
    for (const id of ids) await notifier.deliver(sampleNotice({ id }), folder);
    const names = await readdir(join(root, 'Inbox'));
    assert.equal(names.length, ids.length);
    for (const name of names) assert.match(name, /^[A-Za-z0-9][\w.-]*\.md$/);
    await symlink(join(root, 'outside'), join(root, 'Inbox', 'N-1.md'));
    await notifier.deliver(sampleNotice({ id: 'N-1' }), folder);
    assert.deepEqual((await readdir(root)).includes('outside'), false);
  });
});
