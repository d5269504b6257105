import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Project } from './project.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const own = `project: shop
services: { web: { start: node server.js } }
environments: { production: { listen: '127.0.0.1:8080' } }
`;

const laughs = Array.from({ length: 30 }, (_, n) =>
  n === 0 ? 'a0: &a0 ha' : `a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]`,
).join('\n');

const files: Readonly<Record<string, readonly [text: () => string | Buffer, told: RegExp]>> = {
  'that ends in the middle': [() => 'project: [shop', /not YAML/],
  'of 50 MB': [() => `project: "${'x'.repeat(50_000_000)}"`, /at most 262144/],
  'nested 100,000 deep in brackets': [() => `project: ${'['.repeat(100_000)}`, /YAML/],
  'nested 700 deep by indentation': [
    () => Array.from({ length: 700 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    /too large|too deeply/,
  ],
  'that is an alias bomb': [() => laughs, /too large/],
  'that refers to itself': [() => 'project: &a [*a]\n', /itself|names nothing/],
  'with 100,000 mistakes': [() => '}\n'.repeat(100_000), /not YAML/],
  'with 20,000 unknown keys': [
    () => `${own}${Array.from({ length: 20_000 }, (_, n) => `key${n}: 1`).join('\n')}`,
    /key0/,
  ],
  'of random bytes': [() => Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 7919) % 256)), /UTF-8/],
  'that includes itself': [() => `${own}include: sluice.yml\n`, /circle: sluice.yml → sluice.yml/],
  'whose includes run in a circle': [() => `${own}include: parts/a.yml\n`, /circle: sluice.yml → parts/],
  'that includes an endless file': [() => `${own}include: /dev/zero\n`, /is not a file/],
  'that includes a directory': [() => `${own}include: parts\n`, /is not a file/],
  'that includes what is not there': [() => `${own}include: none.yml\n`, /no file none.yml/],
};

for (const [name, [text, told]] of Object.entries(files)) {
  test(`a sluice.yml ${name} is told at once, with a remedy`, async (t) => {
    const project = await Project.make(t, () => '');
    await mkdir(project.path('parts'));
    await writeFile(project.path('parts', 'a.yml'), 'include: b.yml\n');
    await writeFile(project.path('parts', 'b.yml'), 'include: ../sluice.yml\n');
    await writeFile(project.path('sluice.yml'), text());
    const { code, out, tookMs } = await configured(t, project);
    assert.equal(code, 1);
    assert.match(out, told);
    assert.match(out, /^ +→ \S/m);
    assert.ok(out.length < 100_000, `${out.length} characters`);
    assert.ok(tookMs < 1_000, `${Math.round(tookMs)} ms`);
  });
}

/** `sluice config` in 96 MB of heap; the time is what it took beyond a file that is in order. */
async function configured(
  t: TestContext,
  project: Project,
): Promise<{ readonly code: number; readonly out: string; readonly tookMs: number }> {
  const plain = await Project.make(t, () => own);
  const { tookMs } = await timed(plain);
  const found = await timed(project);
  return { ...found, tookMs: found.tookMs - tookMs };
}

async function timed(project: Project): Promise<{ code: number; out: string; tookMs: number }> {
  const start = performance.now();
  const { code, out } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=96', main, 'config'],
    { cwd: project.root, timeout: 20_000, maxBuffer: 100_000_000 },
  ).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      code: error.code ?? -1,
      out: `${error.stdout}${error.stderr}`,
    }),
  );
  return { code, out, tookMs: performance.now() - start };
}
