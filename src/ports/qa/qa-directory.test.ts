import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseUnitId } from '../../base/ids.ts';
import { qaReportsContract } from './contract.ts';
import { ownerName } from './owner-name.ts';
import { openQaReports } from './qa-directory.ts';

const home = await mkdtemp(join(tmpdir(), 'sluice-qa-'));
after(() => rm(home, { recursive: true, force: true }));
const unit = parseUnitId('U-42');
const approved = '---\nstatus: approved\n---\nFine\n';
/** Under a hook of git, its variables would name another repository and another author. */
const outsideGit = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
);
let worlds = 0;

async function openWorld() {
  worlds += 1;
  const root = join(home, String(worlds), 'repository');
  await mkdir(root, { recursive: true });
  return {
    root,
    reports: openQaReports({ root }),
    async write(path: string, content: string | Uint8Array) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    },
  };
}

qaReportsContract('the QA folder', openWorld);

describe('the QA folder', () => {
  const path = 'QA/QA-Report-U-42.md';

  it('tells the owner and the time of the file', async () => {
    const { reports, write, root } = await openWorld();
    await write(path, approved);
    await utimes(join(root, path), 1_000, 1_234);
    const found = await reports.find(unit);
    assert.ok(found.kind === 'found', JSON.stringify(found));
    assert.equal(found.report.owner, userInfo().username);
    assert.equal(found.report.modifiedAt, 1_234_000);
    assert.equal(found.report.committedBy, null);
  });

  it('falls back to the number of a user that nobody knows', async () => {
    assert.equal(await ownerName(3_999_999_123), '3999999123');
  });

  it('tells who committed it, until it is changed', async () => {
    const { reports, write, root } = await openWorld();
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', root, ...args], { stdio: 'ignore', env: outsideGit });
    const commit = (name: string) =>
      git(
        '-c',
        `user.name=${name}`,
        '-c',
        `user.email=${name}@example.org`,
        '-c',
        'commit.gpgsign=false',
        'commit',
        '-qam',
        'x',
      );
    const author = async () => {
      const found = await reports.find(unit);
      return found.kind === 'found' ? found.report.committedBy : found.kind;
    };
    git('init', '-q');
    await write(path, approved);
    assert.equal(await author(), null);
    git('add', '.');
    assert.equal(await author(), null);
    commit('quinn');
    await write('other', 'x');
    git('add', '.');
    commit('dev');
    assert.equal(await author(), 'quinn <quinn@example.org>');
    await write(path, approved.replace('Fine', 'Good'));
    assert.equal(await author(), null);
    git('update-index', '--assume-unchanged', path);
    assert.equal(await author(), null);
  });

  it('follows a link inside the repository and none that leaves it', async () => {
    const { reports, write, root } = await openWorld();
    await write('reports/u42.md', approved);
    await mkdir(join(root, 'QA'));
    await symlink('../reports/u42.md', join(root, path));
    assert.equal((await reports.find(unit)).kind, 'found');
    await writeFile(join(root, '..', 'outside.md'), approved);
    for (const target of ['../../outside.md', '/etc/passwd', '../gone.md', 'QA-Report-U-42.md']) {
      await rm(join(root, path));
      await symlink(target, join(root, path));
      assert.equal((await reports.find(unit)).kind, 'unusable', target);
    }
  });

  it('uses no QA folder that is a link out of the repository', async () => {
    const { reports, root, write } = await openWorld();
    await write(`../${path}`, approved);
    await symlink('../QA', join(root, 'QA'));
    const found = await reports.find(unit);
    assert.ok(found.kind === 'unusable', JSON.stringify(found));
    assert.match(found.reason, /out of the repository/);
  });

  it('cannot use a directory or a pipe, and does not wait on it', async () => {
    const { reports, root } = await openWorld();
    await mkdir(join(root, path), { recursive: true });
    assert.equal((await reports.find(unit)).kind, 'unusable');
    await rm(join(root, path), { recursive: true });
    execFileSync('mkfifo', [join(root, path)]);
    assert.equal((await reports.find(unit)).kind, 'unusable');
  });

  it('says that it may not read a report', {
    skip: process.getuid?.() === 0 && 'root reads all',
  }, async () => {
    const { reports, root, write } = await openWorld();
    await write(path, approved);
    execFileSync('chmod', ['0', join(root, path)]);
    const found = await reports.find(unit);
    assert.ok(found.kind === 'unusable', JSON.stringify(found));
    assert.match(found.reason, /permission denied/);
  });
});
