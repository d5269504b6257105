import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const home = await mkdtemp(join(tmpdir(), 'sluice-full-'));
after(() => rm(home, { recursive: true, force: true }));

/** A namespace of its own lets a test mount a disk of two megabytes without being the administrator. */
const own = ['--user', '--map-root-user', '--mount'];
const canMount =
  spawnSync('unshare', [...own, 'mount', '-t', 'tmpfs', 'none', home], { stdio: 'ignore' }).status === 0;

const store = JSON.stringify(fileURLToPath(new URL('./directory-store.ts', import.meta.url)));
const clock = JSON.stringify(fileURLToPath(new URL('../../base/clock.ts', import.meta.url)));
const script = `
  const { openArtifactStore } = await import(${store});
  const { systemClock } = await import(${clock});
  const { readdirSync } = await import('node:fs');
  const [disk, large, small] = process.argv.slice(1);
  const store = openArtifactStore({ stateDir: disk + '/state', clock: systemClock });
  const input = { service: 'web', unit: 'U-42', version: null, commit: null, dirty: false, at: 1, by: 'ann' };
  const added = await store.add({ ...input, path: large }).catch((error) => error);
  const files = readdirSync(disk, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const record = await store.add({ ...input, path: small });
  const made = await store.materialise(record.digest, 'R-1').catch((error) => error);
  const left = readdirSync(disk + '/state/run');
  console.log(JSON.stringify([added.code, files.length, await store.verify(record.digest), made.code, left]));
`;

describe('a full disk', () => {
  it('is told as such and leaves nothing half done', {
    skip: !canMount && 'no disk can be mounted',
  }, async () => {
    const [disk, large, small] = ['disk', 'large', 'small'].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [disk, large]) await mkdir(path);
    for (const n of [1, 2, 3, 4, 5]) await writeFile(join(large, `f${n}`), Buffer.alloc(600_000, n));
    await writeFile(small, Buffer.alloc(1_200_000, 7));
    const mount =
      'mount -t tmpfs -o size=2m none "$1" && exec "$0" --input-type=module -e "$2" "$1" "$3" "$4"';
    const printed = execFileSync(
      'unshare',
      [...own, 'sh', '-c', mount, process.execPath, disk, script, large, small],
      {
        encoding: 'utf8',
      },
    );
    assert.deepEqual(JSON.parse(printed), ['artifact-disk-full', 0, { ok: true }, 'artifact-disk-full', []]);
  });
});
