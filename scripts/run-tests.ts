// Runs the test files of the project and closes with one line that counts them: `N passed, N failed`.
// `--all` adds the suites that need a real server beside Node (`*.server-test.ts`); a path narrows the run to files below it.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

const all = process.argv.includes('--all');
const places = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const folders = places.length > 0 ? places : ['src', 'sim', 'examples', 'scripts', 'test'];
const patterns = folders.flatMap((folder) =>
  folder.endsWith('.ts')
    ? [folder]
    : [`${folder}/**/*.test.ts`, ...(all ? [`${folder}/**/*.server-test.ts`] : [])],
);
const files = globSync(patterns).sort();
const child = spawn(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-reporter=spec', '--test-timeout=180000', ...files],
  { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_NO_WARNINGS: '1' } },
);

let tail = '';
child.stdout.on('data', (chunk: Buffer) => {
  process.stdout.write(chunk);
  tail = (tail + chunk.toString()).slice(-100_000);
});
child.on('close', (code) => {
  const count = (word: string) =>
    Number([...tail.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  process.stdout.write(`\n${count('pass')} passed, ${failed} failed\n`);
  process.exitCode = code === 0 && count('pass') > 0 ? 0 : 1;
});
