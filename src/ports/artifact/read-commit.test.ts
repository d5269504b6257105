import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCommit } from './read-commit.ts';

const home = await mkdtemp(join(tmpdir(), 'sluice-commit-'));
after(() => rm(home, { recursive: true, force: true }));

/** Under a hook of git, its variables would name another repository and another author. */
const outsideGit = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
);
const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false'];
const git = (directory: string, ...args: string[]) =>
  execFileSync('git', ['-C', directory, ...who, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: outsideGit,
  });

async function repository(name: string): Promise<string> {
  const directory = join(home, name);
  await mkdir(directory);
  git(directory, 'init', '-q');
  return directory;
}

describe('the commit of a tree', () => {
  it('is null without a repository or without the directory', async () => {
    await mkdir(join(home, 'plain'));
    assert.deepEqual(await readCommit(join(home, 'plain')), { commit: null, dirty: false });
    assert.deepEqual(await readCommit(join(home, 'nowhere')), { commit: null, dirty: false });
  });

  it('is null and dirty where nothing was committed yet', async () => {
    const directory = await repository('young');
    await writeFile(join(directory, 'a'), 'a');
    assert.deepEqual(await readCommit(directory), { commit: null, dirty: true });
  });

  it('is the full id, and a changed, staged or new file makes it dirty', async () => {
    const directory = await repository('used');
    await writeFile(join(directory, 'größe'), 'a');
    await writeFile(join(directory, '.gitignore'), 'ignored\n');
    git(directory, 'add', '.');
    git(directory, 'commit', '-q', '-m', 'one');
    const commit = git(directory, 'rev-parse', 'HEAD').trim();
    await writeFile(join(directory, 'ignored'), 'x');
    assert.deepEqual(await readCommit(directory), { commit, dirty: false });
    await writeFile(join(directory, 'größe'), 'b');
    assert.deepEqual(await readCommit(directory), { commit, dirty: true });
    git(directory, 'add', '.');
    assert.deepEqual(await readCommit(directory), { commit, dirty: true });
    git(directory, 'commit', '-q', '-m', 'two');
    await mkdir(join(directory, 'dist'));
    await writeFile(join(directory, 'dist', 'new'), 'x');
    const second = git(directory, 'rev-parse', 'HEAD').trim();
    assert.deepEqual(await readCommit(directory), { commit: second, dirty: true });
    assert.deepEqual(await readCommit(directory, { except: ['dist'] }), { commit: second, dirty: false });
    assert.deepEqual(await readCommit(join(directory, 'dist'), { except: [join(directory, 'dist')] }), {
      commit: second,
      dirty: false,
    });
  });
});
