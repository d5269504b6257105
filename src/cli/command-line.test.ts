import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import { commandDocs } from './command-docs.ts';
import { guidance } from './guidance.ts';
import { makeProgram } from './make-program.ts';

const main = join(import.meta.dirname, '../main.ts');

function run(...args: readonly string[]): Promise<{ code: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: tmpdir() }, (error, out, errors) =>
      resolve({ code: Number(error?.code ?? 0), out, errors }),
    );
  });
}

function leaves(command: Command, path = ''): readonly (readonly [path: string, command: Command])[] {
  const shown = command.commands.filter((sub) => !sub.name().startsWith('__'));
  if (shown.length === 0) return [[path, command]];
  return shown.flatMap((sub) => leaves(sub, `${path} ${sub.name()}`.trim()));
}

function helpOf(command: Command, columns: number): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => columns });
  command.outputHelp();
  return text;
}

describe('the command line', () => {
  it('explains every command with an example, within 80 columns', () => {
    const program = makeProgram();
    for (const [path, command] of [['', program] as const, ...leaves(program)]) {
      const text = helpOf(command, 80);
      const long = text.split('\n').filter((line) => line.length > 80 && !line.startsWith('  $ '));
      assert.deepEqual(long, [], path);
      if (path !== '') assert.match(text, new RegExp(`Examples:\n {2}\\$ .*${path}`), path);
    }
  });

  it('has examples that are commands with options that exist', () => {
    const program = makeProgram();
    const all = new Map(leaves(program));
    for (const [path, { examples }] of Object.entries(guidance)) {
      for (const example of examples) {
        const known = [...all].filter(([name]) => new RegExp(`sluice ${name}(?![a-z])`).test(example));
        assert.ok(known.length > 0, `${path}: ${example}`);
        const options = known.flatMap(([, command]) => command.options.map(({ long }) => long));
        for (const [flag] of example.matchAll(/(?<= )--[a-z-]+/g)) {
          assert.ok(options.includes(flag), `${example}: there is no ${flag}`);
        }
      }
    }
  });

  it('is what docs/commands.md says', () => {
    const text = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
    assert.equal(text, commandDocs(makeProgram()), 'run `npx node scripts/write-command-docs.ts`');
  });

  it('names the nearest command, does nothing, and ends with 2', async () => {
    const { code, out, errors } = await run('deplyo', 'web');
    assert.deepEqual([code, out], [2, '']);
    assert.match(errors, /Did you mean deploy\?/);
    assert.ok(!errors.includes('\u001b'));
  });

  it('tells what it did not understand as JSON to who asks for JSON', async () => {
    const { code, out, errors } = await run('deploy', 'web', '--json');
    assert.deepEqual([code, errors], [2, '']);
    const { error } = JSON.parse(out) as { error: { code: string; message: string; remedy: string } };
    assert.equal(error.code, 'command-line-misunderstood');
    assert.match(error.message, /--to/);
  });

  it('does not overlook an address for agents that comes without --http', async () => {
    const { code, errors } = await run('mcp', '--listen', '0.0.0.0:1');
    assert.equal(code, 1);
    assert.match(errors, /\(listen-invalid\)/);
  });

  it('ends with 1 where there is no project, and tells what to do', async () => {
    const { code, errors } = await run('status');
    assert.equal(code, 1);
    assert.match(errors, /sluice init/);
  });
});
