import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOfBytes } from '../../base/digest.ts';
import type { Look, Match } from '../../base/look.ts';
import type { Observer } from './port.ts';

/** An observer and hands on the workspace that it looks at. */
export interface ObserverWorld {
  readonly observer: Observer;
  readonly root: string;
  write(path: string, text: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  close(): Promise<void>;
}

/** What all observers do. `open` gives a new, empty world. */
export function observerContract(name: string, open: () => Promise<ObserverWorld>): void {
  const inWorld = (does: (world: ObserverWorld) => Promise<void>) => async () => {
    const world = await open();
    await does(world).finally(() => world.close());
  };
  const file = (paths: readonly string[], match: Match | null = null): Look => ({
    kind: 'file',
    paths,
    match,
  });
  const json = (path: string, schema: unknown = null): Look => ({ kind: 'json', paths: [path], schema });

  describe(`${name} as an observer`, () => {
    it(
      'takes the first of several files that shows what is wanted',
      inWorld(async ({ observer, root, write }) => {
        assert.deepEqual(
          (await observer.look(file(['a.md', 'b.md']), { root })).observed,
          'no such file: a.md or b.md',
        );
        await write('a.md', 'nothing here');
        await write('b.md', 'All checks: green\n');
        const seen = await observer.look(
          file(['no.md', 'a.md', 'b.md'], { kind: 'literal', any: ['green'] }),
          { root },
        );
        assert.deepEqual([seen.holds, seen.path, seen.excerpt], [true, 'b.md', 'All checks: green']);
        assert.deepEqual(
          [seen.digest, seen.content],
          [digestOfBytes('All checks: green\n'), 'All checks: green\n'],
        );
        const unlike = await observer.look(file(['a.md', 'b.md'], { kind: 'literal', any: ['red'] }), {
          root,
        });
        assert.deepEqual([unlike.holds, unlike.path], [false, 'a.md']);
        assert.match(unlike.observed, /does not contain "red"/);
      }),
    );

    it(
      'tells a directory from a file',
      inWorld(async ({ observer, root, write, makeDirectory }) => {
        await write('file', '');
        await makeDirectory('dir');
        const holds = async (look: Look) => (await observer.look(look, { root })).holds;
        assert.equal(await holds({ kind: 'directory', paths: ['file', 'dir'] }), true);
        assert.equal(await holds({ kind: 'directory', paths: ['file', 'gone'] }), false);
        assert.equal(await holds(file(['dir'])), false);
        assert.equal(await holds(file(['file'])), true);
      }),
    );

    it(
      'reads JSON, tells where it is none, and holds it against a schema',
      inWorld(async ({ observer, root, write }) => {
        await write('good.json', '{"name": "web", "replicas": 2}');
        await write('bad.json', '{"name": "web",\n "replicas": }');
        assert.equal((await observer.look(json('good.json'), { root })).holds, true);
        const bad = await observer.look(json('bad.json'), { root });
        assert.deepEqual([bad.holds, bad.path], [false, 'bad.json']);
        assert.match(bad.observed, /line 2/);
        const schema = (type: string) => ({
          type: 'object',
          properties: { replicas: { type } },
          required: ['replicas'],
        });
        assert.equal((await observer.look(json('good.json', schema('number')), { root })).holds, true);
        const unlike = await observer.look(json('good.json', schema('string')), { root });
        assert.equal(unlike.holds, false);
        assert.match(unlike.observed, /\/replicas must be string/);
        const broken = await observer.look(json('good.json', { type: 'no such type' }), { root });
        assert.match(broken.observed, /schema cannot be used/);
      }),
    );

    it(
      'matches texts by patterns, literals and fragments of JSON',
      inWorld(async ({ observer }) => {
        const holds = async (text: string, match: Match) => (await observer.match(text, match)).holds;
        const pattern = (source: string): Match => ({ kind: 'pattern', source });
        assert.equal(await holds('begin\nmiddle\nend\n', pattern('^begin.+end$')), true);
        assert.equal(await holds('PASS', pattern('pass')), false);
        assert.equal(await holds('a-b 💡', pattern('^a\\-b .$')), false, 'without `u` a sign is two');
        assert.equal(await holds('ab 💡', pattern('^\\w+ .$')), true);
        assert.equal(await holds('price (net', pattern('(net')), true, 'no pattern, so as it is written');
        assert.equal(await holds('', { kind: 'literal', any: ['', 'x'] }), false);
        const fragment: Match = { kind: 'json', value: { status: 'ok', steps: [{ id: 2 }] } };
        const whole = { status: 'ok', steps: [{ id: 1 }, { id: 2, done: true }], more: 1 };
        assert.equal(await holds(JSON.stringify(whole), fragment), true);
        assert.equal(await holds(`done: [x {y ${JSON.stringify(whole)} bye`, fragment), true);
        assert.equal(await holds('{"status":"ok","steps":[{"id":1}]}', fragment), false);
        assert.equal(await holds('{"status":"ok"', fragment), false);
      }),
    );

    it(
      'does not look when it was cancelled before',
      inWorld(async ({ observer, root, write }) => {
        await write('a', 'a');
        const seen = await observer.look(file(['a']), { root, signal: AbortSignal.abort() });
        assert.deepEqual([seen.holds, seen.observed], [false, 'the look was cancelled']);
      }),
    );
  });
}
