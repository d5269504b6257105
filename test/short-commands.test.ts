import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';

const main = join(import.meta.dirname, '../src/main.ts');

/** Loading one of these takes as long as the rest of a short command; whoever needs it imports it when it runs. */
const slow = ['ajv', 'undici', 'yaml', 'node:http', 'node:https', 'node:sqlite', '@modelcontextprotocol'];

test('no command waits for the libraries that only some commands need', () => {
  const loaded = [...loadedAtStart(main)].filter(([name]) =>
    slow.some((one) => name === one || name.startsWith(`${one}/`)),
  );
  assert.deepEqual(
    loaded.map(([name, by]) => `${name} by ${by}`),
    [],
  );
});

/** What is loaded before a command runs: modules from outside with the file that asks for them. */
function loadedAtStart(file: string, seen = new Set<string>()): Map<string, string> {
  const outside = new Map<string, string>();
  if (seen.has(file)) return outside;
  seen.add(file);
  for (const name of staticImports(readFileSync(file, 'utf8'))) {
    if (!name.startsWith('.')) outside.set(name, file);
    else for (const [found, by] of loadedAtStart(resolve(dirname(file), name), seen)) outside.set(found, by);
  }
  return outside;
}

/** Without those of types alone, which Node erases. */
function staticImports(text: string): readonly string[] {
  const statement = /^(?:import|export)\s(?!type\s)(?:[^'"`;=()]*\sfrom\s+)?'([^']+)';/gm;
  return [...text.matchAll(statement)].map(([, name = '']) => name);
}
