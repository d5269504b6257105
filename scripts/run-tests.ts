// Runs the test files of the project and closes with one line that counts them: `N passed, N failed`.
// `--all` adds the suites that need a real server beside Node (`*.server-test.ts`); a path narrows the run to files below it.
// A suite with real processes and deadlines that fails beside another one is asked once more, alone: on a machine that is
// short of time that tells a wrong product from a late one. The run says which suites needed it.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counted {
  readonly code: number | null;
  readonly passed: number;
  readonly failed: number;
  readonly failedFiles: readonly string[];
}

const all = process.argv.includes('--all');
const places = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const folders = places.length > 0 ? places : ['src', 'sim', 'examples', 'scripts', 'test'];
const patterns = folders.flatMap((folder) =>
  folder.endsWith('.ts')
    ? [folder]
    : [`${folder}/**/*.test.ts`, ...(all ? [`${folder}/**/*.server-test.ts`] : [])],
);

const first = await run(globSync(patterns).sort(), 2);
const again = isWorthAsking(first) ? await run(first.failedFiles, 1) : null;
if (again !== null) {
  process.stdout.write(`\nAsked once more, alone: ${first.failedFiles.join(', ')}\n`);
}
const failed = again?.failed ?? first.failed;
const passed = first.passed + (again === null ? 0 : Math.max(0, first.failed - again.failed));
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = (again ?? first).code === 0 && failed === 0 && passed > 0 ? 0 : 1;

function isWorthAsking({ failedFiles }: Counted): boolean {
  return failedFiles.length > 0 && failedFiles.every((file) => file.endsWith('.server-test.ts'));
}

async function run(files: readonly string[], concurrency: number): Promise<Counted> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-tests-'));
  const list = join(directory, 'failed');
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[
      `--test-reporter=${join(import.meta.dirname, 'failed-files.ts')}`,
      `--test-reporter-destination=${list}`,
    ],
  ];
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, '--test-timeout=180000', ...reporters, ...files],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  );
  let tail = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    tail = (tail + chunk.toString()).slice(-100_000);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const count = (word: string) =>
    Number([...tail.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  const failedFiles = readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  rmSync(directory, { recursive: true });
  return { code, passed: count('pass'), failed: count('fail') + count('cancelled'), failedFiles };
}
