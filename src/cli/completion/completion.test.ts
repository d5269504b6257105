import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { makeProgram } from '../make-program.ts';
import { complete } from './complete.ts';
import { completionScript } from './completion-script.ts';
import { projectNames } from './project-names.ts';

const main = join(import.meta.dirname, '../../main.ts');
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
const yaml = `# A shop.
project: shop
services:
  web: { start: node server.js }
  worker:
    start: node worker.js
environments:
  staging: { listen: 127.0.0.1:8081 }
  production:
    listen: 127.0.0.1:8080
roles:
    release-manager: { members: [ann] }
`;

describe('completion', () => {
  let place = '';
  before(async () => {
    place = await realpath(await mkdtemp(join(tmpdir(), 'sluice-completion-')));
    await writeFile(join(place, 'sluice.yml'), yaml);
    await mkdir(join(place, 'QA'));
    await writeFile(join(place, 'QA', 'QA-Report-U-42.md'), '');
    await writeFile(join(place, 'sluice'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    await chmod(join(place, 'sluice'), 0o755);
  });
  after(() => rm(place, { recursive: true, force: true }));

  const words = async (...line: readonly string[]) =>
    (await complete(makeProgram(), line, place)).map(({ word }) => word);

  it('reads the names of a sluice.yml', () => {
    assert.deepEqual(projectNames(yaml), {
      services: ['web', 'worker'],
      environments: ['staging', 'production'],
      roles: ['release-manager'],
    });
  });

  it('knows commands, options, services, environments, units, roles and shells', async () => {
    assert.deepEqual(await words('de'), ['deploy']);
    assert.deepEqual(await words('incident', 're'), ['resolve']);
    assert.deepEqual(await words('deploy', 'w'), ['web', 'worker']);
    assert.deepEqual(await words('deploy', 'web', '--to', ''), ['production', 'staging']);
    assert.deepEqual(await words('deploy', 'web', '--to', 'staging', '--unit', 'U'), ['U-42']);
    assert.deepEqual(await words('artifact', 'add', 'dist', '--service', 'wo'), ['worker']);
    assert.deepEqual(await words('approve', 'web', '--role', ''), ['release-manager']);
    assert.ok((await words('deploy', '--')).includes('--dry-run'));
    assert.deepEqual(await words('completion', 'z'), ['zsh']);
    assert.ok(!(await words('')).some((word) => word.startsWith('__')));
  });

  it('says nothing where there is no project, and of a service that stands there already', async () => {
    assert.deepEqual(await complete(makeProgram(), ['deploy', ''], '/'), []);
    assert.deepEqual(await words('deploy', 'web', ''), []);
  });

  it('completes in bash', { skip: !has('bash') }, async () => {
    const script = `source <(sluice completion bash)
      COMP_WORDS=(sluice deploy web --to p) COMP_CWORD=4; _sluice; echo "\${COMPREPLY[*]}"
      COMP_WORDS=(sluice sta) COMP_CWORD=1; _sluice; echo "\${COMPREPLY[*]}"
      COMP_WORDS=(sluice plan web --unit "") COMP_CWORD=4; _sluice; echo "\${COMPREPLY[*]}"
      complete -p sluice`;
    const env = { ...process.env, PATH: [place, process.env.PATH].join(delimiter) };
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: place, env });
    const expected = ['production', 'status', 'U-42', 'complete -o default -F _sluice sluice', ''];
    assert.deepEqual([stdout.split('\n'), stderr], [expected, '']);
  });

  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    it(`prints a script that ${shell} can read`, { skip: !has(shell) }, async () => {
      const file = join(place, `script.${shell}`);
      await writeFile(file, completionScript(shell));
      assert.equal(spawnSync(shell, ['-n', file]).status, 0);
    });
  }
});
