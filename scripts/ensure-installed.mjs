// Runs on whatever Node the machine has: installs the locked dependencies when they are missing or out of date.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.sluice-installed');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const installed = () =>
  existsSync(join(root, 'node_modules', '.bin', 'node')) &&
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === wanted;

if (!installed()) {
  process.stderr.write('Installing what is missing (once) …\n');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const run = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (run.status !== 0) {
    process.stderr.write('sluice: the dependencies could not be installed; run `npm ci` to see why.\n');
    process.exit(run.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
