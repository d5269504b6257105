import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Artifact, Criterion, CriterionKind } from '../reading/document.ts';
import { noBindings } from './bindings.ts';
import { type CriterionContext, criterionTest } from './criterion-test.ts';
import { LinkedPaths } from './named-paths.ts';
import { plannedCriteria } from './planned-criteria.ts';

const kinds: readonly CriterionKind[] = [
  'exit-code',
  'output-contains',
  'file-exists',
  'file-content',
  'directory-exists',
  'json-valid',
  'http-response',
  'process-running',
  'tests-pass',
  'named-check',
  'internal-state',
  'human',
];

function said(kind: CriterionKind, text: string, label = ''): Criterion {
  return { kind, text, label, line: 1 };
}

function judged(criterion: Criterion, more: Partial<CriterionContext> = {}) {
  const context: CriterionContext = {
    performer: 'run',
    ownProof: false,
    siblings: [criterion],
    words: '',
    places: { links: [], roots: [] },
    artifacts: [],
    bindings: noBindings,
    ...more,
  };
  return criterionTest(criterion, context);
}

const testOf = (kind: CriterionKind, text: string, more: Partial<CriterionContext> = {}) =>
  judged(said(kind, text), more).test;

const command = (run: string, tests = false) => ({
  kind: 'look',
  look: { kind: 'command', run, timeoutMs: 1, env: {}, tests },
});
const bound = (...pairs: readonly [string, string][]) =>
  new Map(pairs.map(([name, run]) => [name, { run, timeoutMs: 1, env: {} }]));

describe('how a criterion is judged', () => {
  it('reads exit codes', () => {
    const codes = (text: string) => {
      const test = testOf('exit-code', text);
      return test.kind === 'exit-code' ? test.codes : test;
    };
    assert.deepEqual(codes('0'), [0]);
    assert.deepEqual(codes('Exit code 0 or 2'), [0, 2]);
    assert.deepEqual(codes('zero'), [0]);
    const nonZero = codes('non-zero');
    assert.ok(Array.isArray(nonZero) && nonZero.length === 255 && !nonZero.includes(0));
  });

  it('reads outputs as quoted texts with alternatives, else as a pattern, else as words', () => {
    const match = (text: string) => {
      const test = testOf('output-contains', text);
      return test.kind === 'output' ? test.match : test;
    };
    assert.deepEqual(match('"Ground measured"'), { kind: 'literal', any: ['Ground measured'] });
    assert.deepEqual(match('"a" or "b"'), { kind: 'literal', any: ['a', 'b'] });
    assert.deepEqual(match('`a`, `b` or `c`'), { kind: 'literal', any: ['a', 'b', 'c'] });
    assert.deepEqual(match('“done”'), { kind: 'literal', any: ['done'] });
    assert.deepEqual(match('output contains "ready"'), { kind: 'literal', any: ['ready'] });
    assert.deepEqual(match('done in \\d+ ms'), { kind: 'pattern', source: 'done in \\d+ ms' });
    assert.deepEqual(match('Plan written (v1.0)'), { kind: 'literal', any: ['Plan written (v1.0)'] });
    assert.deepEqual(match('{"ok": true}'), { kind: 'json', value: { ok: true } });
    const both = match('"a+" and "b"');
    assert.ok('source' in both);
    assert.ok(new RegExp(both.source, 's').test('b\na+') && !new RegExp(both.source, 's').test('a+'));
  });

  it('counts no words of agents and people as output, and leaves what no step prints to people', () => {
    for (const performer of ['agent', 'person'] as const) {
      assert.equal(testOf('output-contains', '"done"', { performer }).kind, 'unbound');
      assert.equal(testOf('exit-code', '0', { performer }).kind, 'unbound');
    }
    assert.equal(testOf('output-contains', '"done"', { performer: 'none' }).kind, 'sign-off');
    assert.equal(testOf('output-contains', '"done"', { performer: null }).kind, 'output');
  });

  it('finds files with alternatives, among links first, then roots, then the workspace', () => {
    const paths = (text: string, more: Partial<CriterionContext> = {}) => {
      const test = testOf('file-exists', text, more);
      return test.kind === 'look' && 'paths' in test.look ? test.look.paths : test;
    };
    assert.deepEqual(paths('`main.tf` or `template.yaml`'), ['main.tf', 'template.yaml']);
    assert.deepEqual(paths('A/B-testing-config.yml'), ['A/B-testing-config.yml']);
    assert.deepEqual(paths('plan.md exists'), ['plan.md']);
    assert.deepEqual(paths('The file `docs/plan.md` is created.'), ['docs/plan.md']);
    assert.deepEqual(paths('[Plan.md](mdc:docs/Plan.md)'), ['docs/Plan.md']);
    assert.deepEqual(paths('a.yml or b.yml'), ['a.yml', 'b.yml']);
    assert.deepEqual(paths('Dockerfile'), ['Dockerfile']);
    assert.deepEqual(paths('`.env`'), ['.env']);
    assert.deepEqual(paths('docs/the plan.md'), ['docs/the plan.md']);
    assert.equal(testOf('file-exists', 'config/*.yml').kind, 'unbound');
    const places = { links: [new LinkedPaths(['x/deep/plan.md', 'y/other-plan.md'])], roots: ['docs'] };
    assert.deepEqual(paths('plan.md', { places }), ['x/deep/plan.md', 'docs/plan.md', 'plan.md']);
    assert.deepEqual(paths('deep/plan.md', { places }), [
      'x/deep/plan.md',
      'docs/deep/plan.md',
      'deep/plan.md',
    ]);
    assert.equal(testOf('file-exists', 'the plan').kind, 'unbound');
  });

  it('wants each of several files that are joined by `and`', () => {
    const planned = (kind: CriterionKind, text: string) =>
      plannedCriteria([said(kind, text)], {
        performer: 'run',
        ownProof: false,
        words: '',
        places: { links: [], roots: [] },
        artifacts: [],
        bindings: noBindings,
      }).map((one) => [one.id, one.text]);
    const both = [
      ['1', 'a.json'],
      ['1-2', 'b.json'],
    ];
    assert.deepEqual(planned('file-exists', 'a.json and b.json'), both);
    assert.deepEqual(planned('file-exists', '`a.json`, `b.json`'), both);
    assert.deepEqual(planned('file-exists', 'a.json and b.json exist'), both);
    assert.deepEqual(planned('directory-exists', 'src and dist'), [
      ['1', 'src'],
      ['1-2', 'dist'],
    ]);
    for (const one of ['a.json or b.json', 'a.json', 'a.json, or b.json'])
      assert.equal(planned('file-exists', one).length, 1, one);
  });

  it('looks into the file of the step where a criterion on content names none', () => {
    const exists = said('file-exists', '`plan.md` or `plan.txt`');
    const content = said('file-content', 'width.*depth');
    const look = (criterion: Criterion, more: Partial<CriterionContext> = {}) => {
      const { test } = judged(criterion, more);
      return test.kind === 'look' && test.look.kind === 'file' ? test.look : test;
    };
    assert.deepEqual(look(content, { siblings: [exists, content] }), {
      kind: 'file',
      paths: ['plan.md', 'plan.txt'],
      match: { kind: 'pattern', source: 'width.*depth' },
    });
    assert.deepEqual(look(said('file-content', 'other.json contains {"a": [1]}'), { siblings: [exists] }), {
      kind: 'file',
      paths: ['other.json'],
      match: { kind: 'json', value: { a: [1] } },
    });
    assert.deepEqual(
      look(said('file-content', 'content matches ridge'), { words: 'Write the plan into roof.md' }),
      {
        kind: 'file',
        paths: ['roof.md'],
        match: { kind: 'literal', any: ['ridge'] },
      },
    );
    assert.deepEqual(look(said('file-content', '"stages".*"workflows"'), { siblings: [exists] }), {
      kind: 'file',
      paths: ['plan.md', 'plan.txt'],
      match: { kind: 'pattern', source: '"stages".*"workflows"' },
    });
    assert.equal(judged(content).test.kind, 'unbound');
  });

  it('reads folders, and JSON with the schema of the artifact', () => {
    assert.deepEqual(testOf('directory-exists', '`src/routes/`'), {
      kind: 'look',
      look: { kind: 'directory', paths: ['src/routes'] },
    });
    assert.deepEqual(testOf('directory-exists', 'scripts'), {
      kind: 'look',
      look: { kind: 'directory', paths: ['scripts'] },
    });
    const artifacts: readonly Artifact[] = [
      {
        path: 'docs/Plan.json',
        name: 'Plan',
        checked: false,
        alternatives: [],
        schema: { type: 'object' },
        line: 1,
      },
    ];
    const places = { links: [new LinkedPaths(['docs/Plan.json'])], roots: [] };
    assert.deepEqual(testOf('json-valid', 'Plan.json is a valid JSON document', { artifacts, places }), {
      kind: 'look',
      look: { kind: 'json', paths: ['docs/Plan.json', 'Plan.json'], schema: { type: 'object' } },
    });
    assert.deepEqual(testOf('json-valid', 'valid JSON', { artifacts, places }), {
      kind: 'look',
      look: { kind: 'json', paths: ['docs/Plan.json'], schema: { type: 'object' } },
    });
  });

  it('asks addresses, and says which host is missing', () => {
    const hosts = new Map([
      ['test-env', 'http://127.0.0.1:8080'],
      ['*', 'http://127.0.0.1:8081'],
      ['api-host', 'https://127.0.0.1:1'],
    ]);
    const bindings = { ...noBindings, hosts };
    const http = (text: string) => {
      const test = testOf('http-response', text, { bindings });
      if (test.kind !== 'look' || test.look.kind !== 'http') return test;
      const { method, url, status, match } = test.look;
      return [method, url, status, match];
    };
    const literal = (text: string) => ({ kind: 'literal', any: [text] });
    assert.deepEqual(http('GET http://test-env/health returns HTTP 200 OK'), [
      'GET',
      'http://127.0.0.1:8080/health',
      200,
      null,
    ]);
    assert.deepEqual(http('POST /login → 401'), ['POST', 'http://127.0.0.1:8081/login', 401, null]);
    assert.deepEqual(http('GET /health 200 OK'), ['GET', 'http://127.0.0.1:8081/health', 200, null]);
    assert.deepEqual(http('/health returns 2xx'), ['GET', 'http://127.0.0.1:8081/health', null, null]);
    assert.deepEqual(http('http://localhost:3000/ responds with status 204.'), [
      'GET',
      'http://localhost:3000/',
      204,
      null,
    ]);
    assert.deepEqual(http('https://<api-host>/v1/items returns 200 with body containing "items"'), [
      'GET',
      'https://127.0.0.1:1/v1/items',
      200,
      literal('items'),
    ]);
    assert.deepEqual(http('GET http://test-env:9000/x returns 200 and {"status": "up"}'), [
      'GET',
      'http://127.0.0.1:8080/x',
      200,
      { kind: 'json', value: { status: 'up' } },
    ]);
    assert.deepEqual(http('`GET /ready` returns `200` within 500 ms'), [
      'GET',
      'http://127.0.0.1:8081/ready',
      200,
      null,
    ]);
    const missing = (text: string) => testOf('http-response', text);
    assert.match(JSON.stringify(missing('GET http://test-env/health returns HTTP 200')), /test-env/);
    assert.match(JSON.stringify(missing('GET http://{HOST}:8080/health returns HTTP 200')), /HOST/);
    assert.match(JSON.stringify(missing('GET /health returns HTTP 200')), /hosts: \{ \\"\*/);
    assert.match(JSON.stringify(missing('the API answers')), /an address/);
  });

  it('knows processes, tests, checks and internal states by their names', () => {
    const bindings = {
      ...noBindings,
      processes: new Map([['build-service', { name: 'build.js', port: 4000 }]]),
      tests: bound(['pipeline-tests', 'npm test']),
      checks: bound(
        ['kubernetes-orchestration', './k8s.sh'],
        ['roof planned', './roof.sh'],
        ['The walls stand', './walls.sh'],
      ),
    };
    const running = (text: string) => testOf('process-running', text, { bindings });
    assert.deepEqual(running('build-service'), {
      kind: 'look',
      look: { kind: 'process', name: 'build.js', port: 4000 },
    });
    assert.deepEqual(running('`heater` is running on port 81'), {
      kind: 'look',
      look: { kind: 'process', name: 'heater', port: 81 },
    });
    assert.deepEqual(testOf('tests-pass', 'pipeline-tests pass', { bindings }), command('npm test', true));
    assert.deepEqual(
      testOf('named-check', '`kubernetes-orchestration` passes', { bindings }),
      command('./k8s.sh'),
    );
    assert.deepEqual(testOf('internal-state', 'Roof planned.', { bindings }), command('./roof.sh'));
    assert.deepEqual(testOf('human', 'The walls stand.', { bindings }), command('./walls.sh'));
    assert.deepEqual(testOf('tests-pass', 'wall-tests pass', { bindings }), {
      kind: 'unbound',
      needs: '`tests: { "wall-tests": COMMAND }`',
    });
    assert.equal(testOf('named-check', 'wall-cluster', { bindings }).kind, 'unbound');
    assert.equal(testOf('internal-state', 'walls planned', { bindings }).kind, 'sign-off');
    assert.equal(testOf('human', 'it looks good').kind, 'sign-off');
  });

  it('is proof only where the bindings say how to look, or where Sluice performs it', () => {
    const proves = (kind: CriterionKind, text: string, more: Partial<CriterionContext> = {}) =>
      judged(said(kind, text), more).proves;
    const bindings = { ...noBindings, tests: bound(['t', 'x']), checks: bound(['c', 'x']) };
    for (const [kind, text] of [
      ['tests-pass', 't'],
      ['named-check', 'c'],
    ] as const)
      assert.ok(proves(kind, text, { bindings }), kind);
    for (const [kind, text] of [
      ['exit-code', '0'],
      ['output-contains', '"a"'],
      ['file-exists', 'a.md'],
      ['directory-exists', 'a/'],
      ['http-response', 'GET http://127.0.0.1:1/ returns 200'],
      ['process-running', 'heater'],
      ['human', 'nice'],
    ] as const) {
      assert.ok(!proves(kind, text), kind);
      assert.equal(proves(kind, text, { performer: 'sluice' }), kind !== 'human', kind);
    }
    assert.ok(
      proves('exit-code', '0', { ownProof: true }) && proves('output-contains', '"a"', { ownProof: true }),
    );
    assert.ok(!proves('file-exists', 'a.md', { ownProof: true }));
    assert.ok(!proves('exit-code', '0', { ownProof: true, performer: 'agent' }));
  });

  it('is always something, whatever the words', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            '`',
            'a.md',
            '/x',
            'http://',
            'h',
            ' or ',
            ' contains ',
            '200',
            '{',
            '}',
            '(',
            '.*',
            '\n',
          ),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...kinds), text, (kind, words) => {
        const { test } = judged(said(kind, words));
        if (test.kind === 'output' && test.match.kind === 'pattern') new RegExp(test.match.source, 's');
        if (test.kind === 'look' && test.look.kind === 'http') new URL(test.look.url);
        JSON.stringify(test);
      }),
      { numRuns: 500 },
    );
  });
});
