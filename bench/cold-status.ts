import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchResult, resultOf } from './bench.ts';
import { median } from './quantile.ts';
import { ServedProject } from './served-project.ts';

const project = join(import.meta.dirname, '..');
const pairs = 41;
const warmPairs = 3;

/** `sluice status` as installed, in a project with a release that serves, against starting Node for nothing. */
export async function bench(): Promise<BenchResult> {
  const installed = await realpath(await mkdtemp(join(tmpdir(), 'sluice-built-')));
  const served = await ServedProject.make({ replicas: 1, strategy: 'blue-green', soak: '0s' });
  try {
    const main = await build(installed);
    await served.add('U-1', 0);
    await served.begin('U-1');
    return measured(served, main);
  } finally {
    await served.close();
    await rm(installed, { recursive: true, force: true });
  }
}

/** What the package holds, with the libraries of this checkout; resolves with the file that `bin` names. */
async function build(directory: string): Promise<string> {
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  run([compiler, '-p', 'tsconfig.build.json', '--outDir', join(directory, 'dist')], project);
  await copyFile(join(project, 'package.json'), join(directory, 'package.json'));
  await symlink(join(project, 'node_modules'), join(directory, 'node_modules'));
  const { bin } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  return join(directory, bin.sluice);
}

function measured(served: ServedProject, main: string): BenchResult {
  const node: number[] = [];
  const status: number[] = [];
  let shown = '';
  for (let pair = -warmPairs; pair < pairs; pair += 1) {
    const nothing = run(['-e', '0'], served.root);
    const asked = run([main, 'status'], served.root);
    shown = asked.text;
    if (pair < 0) continue;
    node.push(nothing.tookMs);
    status.push(asked.tookMs);
  }
  if (!shown.includes('web@production')) throw new Error(`sluice status says: ${shown}`);
  return resultOf(
    [{ key: 'ratio', value: median(status) / median(node), relation: '<=', limit: 4 }],
    [
      `${pairs} pairs, one command after the other, on Node ${process.versions.node}`,
      `  node -e 0       ${median(node).toFixed(1)} ms (median), ${Math.min(...node).toFixed(1)} ms (shortest)`,
      `  sluice status   ${median(status).toFixed(1)} ms (median), ${Math.min(...status).toFixed(1)} ms (shortest)`,
    ],
  );
}

function run(args: readonly string[], cwd: string): { readonly tookMs: number; readonly text: string } {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  const tookMs = performance.now() - begun;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return { tookMs, text: stdout };
}
