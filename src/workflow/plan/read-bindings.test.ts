import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Schema } from '../../config/schema-parts.ts';
import type { Bindings } from './bindings.ts';
import { bindingsSchema } from './bindings-schema.ts';
import { readBindings } from './read-bindings.ts';

const full = `
steps:
  "*": { timeout: 20m, env: { STAGE: test, PORT: 8080 } }
  P02-T01:
    run: ./build.sh
    idempotent: true
    undo: ./unbuild.sh
    probe: true
  P02-T01-S01: { sluice: { capability: deploy, with: { service: web } }, tools: [run_terminal_cmd] }
  P02-T01-S01-01:
    agent: "@builder-agent"
    unconfined: true
    probe:
      - { run: ./probe.sh, timeout: 30s, tests: true }
      - ./look.sh
      - { sluice: service-healthy, with: { service: web } }
      - { http: "http://127.0.0.1:8080/health", status: 200, contains: ok }
      - { file: out.json, holds: { a: 1 } }
      - { file: out.md, matches: "a.*b" }
      - { directory: out/ }
      - { json: out.json, schema: { type: object } }
      - { process: node server, port: 8080 }
  P02-T01-S02: { person: ann@shed.example }
  P02-T01-S03: { person: true }
agents:
  "@builder-agent": { person: ann@shed.example, command: claude -p, instructions: roles/builder.md, unconfined: true }
  model-agent:
    model: { protocol: anthropic, name: m, url: "http://127.0.0.1:9/", keyEnv: KEY, price: { input: 3, output: 15 }, maxCostPerRun: 2 }
    notice: http://127.0.0.1:1/notice
  "@outside": { mcp: cursor }
  "@lead": ann@shed.example
hosts: { test-env: "127.0.0.1:8080/", "*": "http://127.0.0.1:8081" }
roots: [docs/, ./config]
checks: { kubernetes-orchestration: kubectl get nodes, all reviewed: { run: ./reviewed.sh, timeout: 10s } }
tests: { pipeline-tests: npm test }
processes: { build-service: 4000, heater: heaterd, lamp: { port: 5000 } }
protected: [deploy/**]
concurrency: 3
`;

function read(text: string): Bindings {
  const result = readBindings(text, { file: 'deploy.bindings.yml' });
  assert.ok(result.ok, JSON.stringify(result));
  return result.bindings;
}

function problems(text: string): readonly string[] {
  const result = readBindings(text, { file: 'b.yml' });
  assert.ok(!result.ok, 'there must be problems');
  return result.problems.map(({ line, column, message, remedy }) => `${line}:${column} ${message} ${remedy}`);
}

describe('a bindings file', () => {
  it('says who performs which step', () => {
    const { steps } = read(full);
    assert.deepEqual(steps.get('*')?.env, { STAGE: 'test', PORT: '8080' });
    assert.equal(steps.get('*')?.executor, null);
    assert.equal(steps.get('*')?.timeoutMs, 1_200_000);
    const task = steps.get('P02-T01');
    assert.deepEqual(task?.executor, { kind: 'run', run: './build.sh', env: {} });
    assert.deepEqual(
      [task?.idempotent, task?.undo, task?.probes, task?.unconfined],
      [true, './unbuild.sh', [{ kind: 'own' }], null],
    );
    assert.deepEqual(steps.get('P02-T01-S01')?.executor, {
      kind: 'sluice',
      capability: 'deploy',
      with: { service: 'web' },
    });
    assert.deepEqual(steps.get('P02-T01-S01-01')?.executor, { kind: 'agent', handle: '@builder-agent' });
    assert.deepEqual(steps.get('P02-T01-S02')?.executor, { kind: 'person', person: 'ann@shed.example' });
    assert.deepEqual(steps.get('P02-T01-S03')?.executor, { kind: 'person', person: null });
  });

  it('says how to see that something exists', () => {
    const probes = read(full).steps.get('P02-T01-S01-01')?.probes ?? [];
    const command = (run: string, timeoutMs: number, tests: boolean) => ({
      kind: 'command',
      run,
      timeoutMs,
      env: {},
      tests,
    });
    assert.deepEqual(
      probes.map((probe) => (probe.kind === 'look' ? probe.look : probe)),
      [
        command('./probe.sh', 30_000, true),
        command('./look.sh', 300_000, false),
        { kind: 'capability', capability: 'service-healthy', with: { service: 'web' } },
        {
          kind: 'http',
          method: 'GET',
          url: 'http://127.0.0.1:8080/health',
          status: 200,
          match: { kind: 'literal', any: ['ok'] },
        },
        { kind: 'file', paths: ['out.json'], match: { kind: 'json', value: { a: 1 } } },
        { kind: 'file', paths: ['out.md'], match: { kind: 'pattern', source: 'a.*b' } },
        { kind: 'directory', paths: ['out'] },
        { kind: 'json', paths: ['out.json'], schema: { type: 'object' } },
        { kind: 'process', name: 'node server', port: 8080 },
      ],
    );
  });

  it('holds the directory of agents and what names stand for', () => {
    const { agents, hosts, roots, checks, tests, processes, protectedPaths, concurrency } = read(full);
    const builder = agents?.get('@builder-agent');
    assert.deepEqual(
      [builder?.person, builder?.via, builder?.instructions, builder?.unconfined],
      ['ann@shed.example', { kind: 'command', run: 'claude -p', env: {} }, 'roles/builder.md', true],
    );
    const { via } = agents?.get('@model-agent') ?? {};
    assert.ok(via?.kind === 'model');
    assert.deepEqual(via.model, {
      protocol: 'anthropic',
      name: 'm',
      url: 'http://127.0.0.1:9',
      keyEnv: 'KEY',
      maxTokensPerStep: 200_000,
      maxTokensPerRun: 2_000_000,
      price: { input: 3, output: 15 },
      maxCostPerStep: null,
      maxCostPerRun: 2,
    });
    assert.deepEqual(agents?.get('@outside')?.via, { kind: 'mcp', client: 'cursor' });
    assert.equal(agents?.get('@lead')?.person, 'ann@shed.example');
    assert.deepEqual([...hosts.values()], ['http://127.0.0.1:8080', 'http://127.0.0.1:8081']);
    assert.deepEqual(roots, ['docs', 'config']);
    assert.equal(checks.get('all reviewed')?.timeoutMs, 10_000);
    assert.equal(tests.get('pipeline-tests')?.run, 'npm test');
    assert.deepEqual(
      [...processes.values()],
      [
        { name: 'build-service', port: 4000 },
        { name: 'heaterd', port: null },
        { name: 'lamp', port: 5000 },
      ],
    );
    assert.deepEqual([protectedPaths, concurrency], [['deploy/**'], 3]);
  });

  it('may be empty', () => {
    for (const text of ['', '# nothing yet\n', '{}']) assert.equal(read(text).steps.size, 0);
    assert.equal(read('').agents, null);
  });

  it('is told every problem at once, each with its place and what to do', () => {
    const told = problems(`steps:
  A: { runs: x }
  B: { run: x, person: ann }
  C: { agent: "@nobody", timeout: 5 }
  D: { probe: { http: "http://h/", process: a } }
  E: { probe: { directory: a, contains: b } }
  F: { probe: { file: a, matches: "(" } }
  G: { probe: [{ run: x, timeout: soon }] }
agents:
  "@a": { command: x, mcp: y }
  "@b": { model: { protocol: openai, name: m, url: "http://h", maxCostPerRun: 1 } }
hosts: { test-env: "not an address" }
step: {}
`);
    const expected = [
      /^2:8 "runs" is not a key here. Did you mean "run"\?/,
      /^3:\d+ steps.B has run and person\. Keep one/,
      /^4:\d+ @nobody is not in the directory/,
      /^4:35 "5" is not a duration/,
      /^5:\d+ This probe has http and process/,
      /^6:\d+ "contains" says nothing about directory/,
      /^7:\d+ "\(" is no regular expression/,
      /^8:\d+ "soon" is not a duration/,
      /^10:\d+ agents.@a has command and mcp/,
      /^11:\d+ maxCostPerRun is no ceiling/,
      /^12:\d+ "not an address" is no address/,
      /^13:1 "step" is not a key here. Did you mean "steps"\?/,
    ];
    assert.equal(told.length, expected.length, told.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(told[index] ?? '', pattern);
  });

  it('is told where it is no YAML, or no map', () => {
    assert.match(problems('steps: [a')[0] ?? '', /^1:\d+ This is not YAML/);
    assert.match(problems('- a')[0] ?? '', /A list is not a mapping/);
  });

  it('never throws, whatever is cut out of it', () => {
    const cut = fc.tuple(fc.nat(full.length), fc.nat(30), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(cut, ([from, length, put]) => {
        readBindings(full.slice(0, from) + put + full.slice(from + length), { file: 'b.yml' });
      }),
      { numRuns: 500 },
    );
  });
});

describe('the published schema of bindings', () => {
  it('is the one that the reader checks, and takes what the reader takes', async () => {
    const text = await readFile(new URL('../../../schema/bindings.schema.json', import.meta.url), 'utf8');
    assert.equal(text, `${JSON.stringify(bindingsSchema, null, 2)}\n`);
    assert.equal(new Ajv2020({ strict: false }).compile(bindingsSchema)(parse(full)), true);
  });

  it('has each of its keys on the page about bindings', async () => {
    const page = await readFile(new URL('../../../docs/workflow-bindings.md', import.meta.url), 'utf8');
    const visit = (schema: Schema): void => {
      for (const [key, one] of Object.entries(schema.properties ?? {})) {
        assert.match(page, new RegExp(`\\b${key}\\b`), key);
        visit(one);
      }
      for (const one of [...(schema.anyOf ?? []), schema.items, schema.additionalProperties])
        if (typeof one === 'object') visit(one);
    };
    visit(bindingsSchema);
  });
});
