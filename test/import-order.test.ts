import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** For each room, the rooms it may import; a room may always import itself. ARCHITECTURE.md draws the same arrows. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  disk: ['base'],
  analysis: ['base'],
  rollout: ['base', 'analysis'],
  policy: ['base'],
  workflow: ['base', 'config'],
  config: ['base', 'analysis', 'rollout', 'policy', 'ports'],
  journal: ['base', 'disk'],
  ports: ['base', 'disk', 'router'],
  engine: [
    'base',
    'disk',
    'analysis',
    'rollout',
    'policy',
    'config',
    'report',
    'workflow',
    'journal',
    'ports',
  ],
  report: ['base', 'analysis', 'rollout', 'policy'],
  daemon: ['base', 'disk', 'config', 'report', 'engine', 'journal', 'ports', 'router'],
  mcp: ['base', 'disk', 'workflow', 'engine', 'daemon'],
  cli: [
    'base',
    'disk',
    'rollout',
    'workflow',
    'config',
    'report',
    'engine',
    'daemon',
    'mcp',
    'journal',
    'ports',
    'router',
  ],
  router: ['base', 'disk'],
  'main.ts': ['cli'],
};

/** Specifiers of all import and export-from statements, type imports included. */
function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, specifier]) =>
    join(dirname(file), specifier ?? ''),
  );
}

function roomOf(file: string): string {
  const [, room = ''] = relative(root, file).split('/');
  return room;
}

const sources = globSync('src/**/*.ts', { cwd: root })
  .map((file) => join(root, file))
  .filter((file) => !file.endsWith('.test.ts') && !file.endsWith('contract.ts'));

describe('the house', () => {
  it('imports downward only, type imports included', () => {
    const broken = sources.flatMap((file) =>
      importsOf(file)
        .filter((imported) => relative(root, imported).startsWith('src/'))
        .filter((imported) => {
          const [from, to] = [roomOf(file), roomOf(imported)];
          return from !== to && !(arrows[from] ?? []).includes(to);
        })
        .map((imported) => `${relative(root, file)} → ${relative(root, imported)}`),
    );
    assert.deepEqual(broken, []);
  });

  it('has no circle of files', () => {
    const graph = new Map(sources.map((file) => [file, importsOf(file)]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(
        !path.includes(file),
        `a circle: ${[...path, file].map((one) => relative(root, one)).join(' → ')}`,
      );
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
  });

  it('lets no pure room touch time, chance, the environment or the disk', () => {
    const pure = ['analysis', 'rollout', 'policy', 'report', 'workflow'];
    const forbidden = /Date\.now\(|Math\.random\(|process\.env|from 'node:(?:fs|net|http|child_process|os)/;
    const broken = sources
      .filter((file) => pure.includes(roomOf(file)) && !file.endsWith('-main.ts'))
      .filter((file) => forbidden.test(readFileSync(file, 'utf8')))
      .map((file) => relative(root, file));
    assert.deepEqual(broken, []);
  });
});
