import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { linkLeavesTree } from './link-leaves-tree.ts';

const home = await realpath(await mkdtemp(join(tmpdir(), 'sluice-links-')));
after(() => rm(home, { recursive: true, force: true }));

const leaves = (links: Readonly<Record<string, string>>, path = 'l') =>
  linkLeavesTree(path, new Map(Object.entries(links)));

describe('a symbolic link', () => {
  for (const [links, expected] of [
    [{ l: 'a/b' }, false],
    [{ l: '.' }, false],
    [{ l: '..' }, true],
    [{ l: 'a/../..' }, true],
    [{ l: '/' }, true],
    [{ l: 'l' }, false],
    [{ l: 'm', m: 'l' }, false],
    [{ l: 'd/..', d: 'x/y' }, false],
    [{ l: 'd/../../..', d: 'x/y' }, true],
    [{ l: 'a/up/..', 'a/up': '..' }, true],
    [{ l: 'm/x', m: '/etc' }, true],
  ] as const) {
    it(`${JSON.stringify(links)} ${expected ? 'leaves' : 'stays in'} its tree`, () => {
      assert.equal(leaves(links), expected);
    });
  }

  it('never stays by this judgement and leaves by that of the kernel', async () => {
    const directories = ['a', 'a/b', 'a/b/c', 'd'];
    const part = fc.constantFrom('..', '.', 'a', 'b', 'c', 'd', 'l0', 'l1', 'l2', 'l3');
    const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    const place = fc.constantFrom('', ...directories);
    const links = fc.array(fc.tuple(place, target), { minLength: 1, maxLength: 4 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(links, async (placed) => {
        run += 1;
        const top = join(home, String(run), 'top');
        for (const directory of directories) await mkdir(join(top, directory), { recursive: true });
        const all = new Map(placed.map(([where, to], index) => [join(where, `l${index}`), to]));
        for (const [path, to] of all) await symlink(to, join(top, path));
        for (const path of all.keys()) {
          const real = await realpath(join(top, path)).catch(() => null);
          const outside = real !== null && real !== top && !real.startsWith(top + sep);
          if (outside) assert.equal(linkLeavesTree(path, all), true, `${path} in ${dirname(top)}`);
        }
      }),
      { numRuns: 150 },
    );
  });
});
