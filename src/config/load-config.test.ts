import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { checkSchema } from './check-schema.ts';
import { detectProject } from './detect-project.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { readYaml } from './read-yaml.ts';
import { renderConfig } from './render-config.ts';
import { sluiceSchema } from './schema.ts';
import type { Schema } from './schema-parts.ts';

const short = `project: shop
services:
  web: { start: node server.js, health: /healthz, ready: /readyz, smoke: node smoke.js }
environments:
  staging:    { listen: 127.0.0.1:8081, strategy: blue-green }
  production: { listen: 127.0.0.1:8080, replicas: 2, strategy: canary, approvals: [release-manager] }
`;

const full = `project: shop
timeZone: Europe/Berlin
triggers: { errorRate: 2%, latencyFactor: off }
notices: [terminal, { file: notices.log }, { webhook: "https://hooks.example/x" }]
contacts: { primary: Ada, secondary: Grace }
retention: { releases: 3, age: 90d }
router: { engine: standard }
roles:
  release-manager: { members: [ada], may: [approve, promote] }
services:
  web:
    start: node server.js
    secretEnv: [DATABASE_URL]
    startDeadline: 20s
    drainDeadline: 10s
    migrate: { up: npm run up, down: npm run down, compatible: true, lossless: true }
    integrity: { run: node integrity.js, timeout: 2m }
    metrics: { orders: { command: node orders.js, direction: fewer-is-bad, required: true } }
environments:
  staging:
  production:
    after: staging
    rehearse: true
    approvals: [release-manager]
    windows: [{ days: mon-thu, from: "09:00", to: "17:00" }]
    freezes: [{ from: 2026-12-20, to: 2027-01-02, reason: holidays }]
    triggers: { health: off }
    strategy:
      kind: canary
      holdback: 10%
      steps: [{ setWeight: 1% }, analyze, { pause: 5m }, { approve: [release-manager] }, { run: node check.js }, { setWeight: 50 }, { analyze: { bake: 2m, deadline: 1h } }]
`;

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sluice-config-'));
});
after(() => rm(directory, { recursive: true }));

async function load(files: Record<string, string>, env: Record<string, string> = {}): Promise<LoadedConfig> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  return loadConfig(path.join(directory, 'sluice.yml'), { env });
}

async function problems(files: Record<string, string>, env: Record<string, string> = {}): Promise<string[]> {
  const result = await load(files, env);
  return result.ok
    ? []
    : result.problems.map((one) => `${one.file}:${one.line}:${one.column} ${one.code} ${one.message}`);
}

describe('loadConfig', () => {
  it('loads the six lines of the common case without a problem or a warning', async () => {
    const result = await load({ 'sluice.yml': short });
    assert.ok(result.ok);
    assert.deepEqual(result.warnings, []);
    assert.deepEqual(result.config.retention, { releases: 10, ageMs: 30 * 86_400_000 });
    assert.deepEqual(result.config.router, { engine: 'fast' });
    const production = result.config.environments.find(({ name }) => name === 'production');
    assert.equal(production?.lowTraffic, 'ask');
    assert.equal(production.rollbackWindowMs, 3_600_000);
    assert.equal(production.restoreWithinMs, 300_000);
    assert.ok(production.strategy.kind === 'canary');
    assert.equal(production.strategy.holdbackPercent, 5);
    const weights = production.strategy.steps.map((step) =>
      step.type === 'setWeight' ? step.weightPercent : step.type,
    );
    assert.deepEqual(weights, [5, 'analyze', 25, 'analyze', 50, 'analyze']);
    assert.equal(result.config.environments[0]?.lowTraffic, 'promote-on-health');
    assert.equal(result.origins.get('environments.production.replicas'), 'sluice.yml:6');
    assert.equal(result.origins.get('environments.production.soakMs'), 'default');
    assert.equal(result.origins.get('services.web.run.health.path'), 'sluice.yml:3');
    assert.equal(result.origins.get('services.web.run.health.intervalMs'), 'default');
  });

  it('expresses everything that is configurable', async () => {
    const result = await load({ 'sluice.yml': full });
    assert.ok(result.ok, JSON.stringify(result));
    const production = result.config.environments[1];
    assert.deepEqual(production?.analysis.triggers, { errorRate: 0.02, latencyFactor: null });
    assert.equal(production.healthTrigger, null);
    assert.deepEqual(production.policy.windows[0]?.days, [1, 2, 3, 4]);
    assert.equal(production.policy.freezes[0]?.from, Date.parse('2026-12-19T23:00:00Z'));
    assert.equal(result.origins.get('environments.production.analysis.triggers.errorRate'), 'sluice.yml:3');
    assert.equal(result.config.services[0]?.migrate?.lossless, true);
    assert.deepEqual(result.config.retention, { releases: 3, ageMs: 90 * 86_400_000 });
    assert.deepEqual(result.config.router, { engine: 'standard' });
    assert.equal(result.origins.get('retention.ageMs'), 'sluice.yml:6');
  });

  it('reads a mirror before the first weight, and only there', async () => {
    const steps = async (list: string) => {
      const strategy = `strategy: { kind: canary, steps: [${list}] }`;
      return load({ 'sluice.yml': short.replace('strategy: canary', strategy) });
    };
    const read = async (list: string) => {
      const result = await steps(list);
      assert.ok(result.ok, JSON.stringify(result));
      const { strategy } = result.config.environments[1] ?? {};
      return strategy?.kind === 'canary' ? strategy.steps[0] : null;
    };
    const usual = { type: 'mirror', sharePercent: 10, bakeMs: 60_000, deadlineMs: 900_000 };
    assert.deepEqual(await read('{ mirror: {} }, analyze'), usual);
    assert.deepEqual(await read('{ mirror: 25% }'), { ...usual, sharePercent: 25 });
    assert.deepEqual(await read('{ mirror: { share: 100, bake: 2m, deadline: 5m } }'), {
      ...usual,
      sharePercent: 100,
      bakeMs: 120_000,
      deadlineMs: 300_000,
    });
    const late = await steps('{ setWeight: 5 }, { mirror: 10% }');
    assert.ok(!late.ok);
    assert.match(late.problems[0]?.message ?? '', /Users meet the candidate already: 5 % of them/);
    const none = await steps('{ mirror: 0 }');
    assert.ok(!none.ok);
    assert.match(none.problems[0]?.message ?? '', /A mirror of 0 % copies nothing/);
  });

  it('reads what the router does at the door, with paths from its own directory', async () => {
    const edge = async (environment: string) => {
      const result = await load({ 'sluice.yml': short.replace('strategy: canary', environment) });
      assert.ok(result.ok, JSON.stringify(result));
      return result.config.environments[1]?.edge;
    };
    assert.equal(await edge('strategy: canary'), undefined);
    assert.equal(await edge('nameVersion: on-demand, accessLog: { path: a.log, sample: 0 }'), undefined);
    assert.deepEqual(await edge('nameVersion: always, accessLog: logs/access.log'), {
      accessLog: { path: path.join(directory, 'logs/access.log'), sample: 1, queryValues: [] },
      nameVersion: 'always',
    });
    assert.deepEqual(await edge('accessLog: { path: /a.log, sample: 10%, queryValues: [page] }'), {
      accessLog: { path: '/a.log', sample: 0.1, queryValues: ['page'] },
    });
    assert.deepEqual(await edge('tls: { certificate: a.crt, key: /keys/a.key }'), {
      tls: { certificate: path.join(directory, 'a.crt'), key: '/keys/a.key' },
    });
    const half = await load({
      'sluice.yml': short.replace('strategy: canary', 'tls: { certificate: a.crt }'),
    });
    assert.ok(!half.ok && half.problems.some(({ path: at }) => at.startsWith('environments.production.tls')));
  });

  it('shields canaries by default, and others when it is asked to', async () => {
    const shielding = async (environment: string) => {
      const result = await load({
        'sluice.yml': `project: a\nservices: { web: { start: x } }\nenvironments: { production: ${environment} }\n`,
      });
      assert.ok(result.ok, JSON.stringify(result));
      return result.config.environments[0]?.shield;
    };
    const headMs = 'auto';
    assert.deepEqual(await shielding('{}'), { budgetPercent: 20, headMs });
    assert.deepEqual(await shielding('{ strategy: { kind: canary, steps: [analyze] } }'), {
      budgetPercent: 20,
      headMs,
    });
    assert.deepEqual(await shielding('{ shield: { budget: 5% } }'), { budgetPercent: 5, headMs });
    assert.deepEqual(await shielding('{ strategy: rolling, shield: on }'), { budgetPercent: 20, headMs });
    assert.deepEqual(await shielding('{ strategy: ab, shield: { budget: 3 } }'), {
      budgetPercent: 3,
      headMs,
    });
    assert.deepEqual(await shielding('{ shield: { deadline: 2s } }'), { budgetPercent: 20, headMs: 2_000 });
    assert.deepEqual(await shielding('{ shield: { deadline: off } }'), { budgetPercent: 20 });
    for (const off of ['off', 'false']) assert.equal(await shielding(`{ shield: ${off} }`), null);
    for (const kind of ['ab', 'blue-green', 'rolling', 'recreate'])
      assert.equal(await shielding(`{ strategy: ${kind} }`), null);
    const wrong = short.replace('strategy: canary', 'strategy: canary, shield: yess');
    assert.match(
      (await problems({ 'sluice.yml': wrong })).join(),
      /"yess" is not on, off or \{ budget: 20% \}/,
    );
    const much = short.replace('strategy: canary', 'strategy: canary, shield: { budget: 120% }');
    assert.match((await problems({ 'sluice.yml': much })).join(), /"120%" is not a percentage from 0 to 100/);
    const hasty = short.replace('strategy: canary', 'strategy: canary, shield: { deadline: 0s }');
    assert.match((await problems({ 'sluice.yml': hasty })).join(), /No candidate answers within no time/);
  });

  it('knows where files lie that belong to one version', async () => {
    const assets = async (written: string) => {
      const result = await load({
        'sluice.yml': `project: a\nservices: { web: { start: x${written} } }\nenvironments: {}\n`,
      });
      assert.ok(result.ok, JSON.stringify(result));
      return result.config.services[0]?.assets;
    };
    assert.deepEqual(await assets(''), ['/assets/', '/static/', '/_next/static/', 'hashed']);
    assert.deepEqual(await assets(', assets: [/build, hashed]'), ['/build', 'hashed']);
    for (const none of ['off', '[]']) assert.deepEqual(await assets(`, assets: ${none}`), []);
    const wrong = short.replace('start: ', 'assets: [assets], start: ');
    assert.match(
      (await problems({ 'sluice.yml': wrong })).join(),
      /"assets" is not a path that begins with \//,
    );
  });

  it('has a production environment even where none is written', async () => {
    const result = await load({
      'sluice.yml': 'project: a\nservices: { web: { start: x } }\nenvironments: { test: }\n',
    });
    assert.ok(result.ok);
    const listens = result.config.environments.map(({ name, listen }) => [name, listen]);
    assert.deepEqual(listens, [
      ['test', '127.0.0.1:8081'],
      ['production', '127.0.0.1:8080'],
    ]);
  });

  it('reports every problem at once, with its place and the nearest key', async () => {
    const text = short
      .replace('smoke:', 'smok:')
      .replace('replicas: 2', 'replicas: two')
      .replace('blue-green', 'blu-green');
    const found = await problems({ 'sluice.yml': text });
    assert.equal(found.length, 3, found.join('\n'));
    assert.match(found[0] ?? '', /^sluice.yml:3:67 config-unknown-key .*Did you mean "smoke"\?/);
    assert.match(found[1] ?? '', /^sluice.yml:5:51 config-value .*Did you mean "blue-green"\?/);
    assert.match(found[2] ?? '', /^sluice.yml:6:51 config-value "two" is not a whole number/);
  });

  it('tells form and meaning together', async () => {
    const text = full
      .replace('after: staging', 'after: stagin')
      .replace('startDeadline: 20s', 'startDeadline: 20')
      .replace('errorRate: 2%', 'errorRate: 0.02');
    const found = (await problems({ 'sluice.yml': text })).join('\n');
    assert.match(found, /Did you mean "staging"/);
    assert.match(found, /"20" is not a duration/);
    assert.match(found, /"0.02" is not a percentage/);
  });

  it('composes includes, and names both files of a conflict', async () => {
    const more = 'environments: { production: { replicas: 3 } }\n';
    const good = await load({
      'sluice.yml': `include: more.yml\n${short}`,
      'more.yml': 'contacts: { primary: Ada }\n',
    });
    assert.ok(good.ok);
    assert.equal(good.origins.get('contacts.primary'), 'more.yml:1');
    const found = await problems({ 'sluice.yml': `include: [more.yml]\n${short}`, 'more.yml': more });
    assert.match(
      found.join('\n'),
      /config-conflict "environments.production.replicas" .* sluice.yml:7 and more.yml:1/,
    );
  });

  it('stops at a circle of includes and at a missing one', async () => {
    const found = await problems({
      'sluice.yml': `include: more.yml\n${short}`,
      'more.yml': 'include: [sluice.yml, gone.yml]\n',
    });
    assert.match(found.join('\n'), /config-include-cycle .*sluice.yml → more.yml → sluice.yml/);
    assert.match(found.join('\n'), /config-file-missing There is no file gone.yml/);
  });

  it('puts variables in only where they are asked for', async () => {
    const text = short
      .replace('replicas: 2', `replicas: "\${env:N}"`)
      .replace('project: shop', `project: \${env:NAME:-shop}`);
    const good = await load({ 'sluice.yml': text }, { N: '4' });
    assert.ok(good.ok, JSON.stringify(good));
    assert.equal(good.config.environments[1]?.replicas, 4);
    assert.match(
      (await problems({ 'sluice.yml': text })).join('\n'),
      /config-env The environment variable N is not set/,
    );
  });

  it('refuses a huge file, one that grows by aliases, and one that is nested too deeply', async () => {
    const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : 'a'}, *${i ? `b${i - 1}` : 'a'}]`).join('\n')}\n`;
    for (const text of [
      'a'.repeat(2_000_000),
      bomb,
      '['.repeat(50_000),
      'a: &a [*a]',
      '',
      '- 1',
      '\0',
      'a: !!binary x',
    ]) {
      assert.ok((await problems({ 'sluice.yml': text })).length > 0, text.slice(0, 20));
    }
  });

  it('tells one bracket that is missing once', async () => {
    const told = await problems({ 'sluice.yml': 'services: { web: {\n' });
    assert.equal(told.length, 1, told.join('\n'));
  });

  it('never throws, whatever the YAML', async () => {
    const keys = fc.constantFrom(
      ...Object.keys(sluiceSchema.properties ?? {}),
      'web',
      'production',
      'strategy',
      'kind',
      'steps',
      'windows',
      'from',
      'metrics',
      '__proto__',
      'run',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('canary', 'ab', '5m', '5%', 'off', `\${env:X}`, '09:00'),
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
      ),
    }));
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      value.map((one) => stringify(one)),
      mangled(),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const result = await load({ 'sluice.yml': text });
        if (result.ok) return;
        assert.ok(result.problems.length > 0);
        for (const one of result.problems) assert.ok(one.line >= 1 && one.column >= 1 && one.remedy !== '');
      }),
      { numRuns: 500 },
    );
  });
});

/** The full example with a piece of it replaced. */
function mangled(): fc.Arbitrary<string> {
  const cut = fc.tuple(fc.nat(full.length), fc.nat(30), fc.string({ maxLength: 8 }));
  return cut.map(([from, length, put]) => full.slice(0, from) + put + full.slice(from + length));
}

describe('the published schema', () => {
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(sluiceSchema);
  const own = (text: string): boolean => {
    const { root } = readYaml({ text, file: 'x', env: {} });
    return root !== null && checkSchema(root, sluiceSchema).length === 0;
  };

  it('is the one that the loader checks', async () => {
    const text = await readFile(new URL('../../schema/sluice.schema.json', import.meta.url), 'utf8');
    assert.equal(text, `${JSON.stringify(sluiceSchema, null, 2)}\n`);
  });

  it('judges as the loader does', () => {
    for (const text of [short, full]) assert.equal(validate(parse(text)), true);
    fc.assert(
      fc.property(mangled(), (text) => {
        const { root, problems: unread } = readYaml({ text, file: 'x', env: {} });
        // What was not read whole, such as an alias of nothing, has no form to judge.
        if (root === null || unread.length > 0 || text.includes('__proto__')) return;
        assert.equal(validate(parse(text)), own(text), text);
      }),
      { numRuns: 500 },
    );
  });

  it('has a line in the configuration page for each of its keys, with its default', async () => {
    const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const visit = (schema: Schema): void => {
      for (const [key, one] of Object.entries(schema.properties ?? {})) {
        assert.ok(page.includes(`\`${key}\` |`), key);
        assert.ok(one.description, key);
        visit(one);
      }
      for (const one of [...(schema.anyOf ?? []), schema.items, schema.additionalProperties]) {
        if (typeof one === 'object') visit(one);
      }
    };
    visit(sluiceSchema);
  });
});

describe('renderConfig', () => {
  it('writes from what is in the repository a file that loads', async () => {
    await writeFile(
      path.join(directory, 'package.json'),
      '{"name":"@acme/till: 1","scripts":{"start":"node server.js","smoke":"x"}}',
    );
    const detected = await detectProject(directory);
    const result = await load({ 'sluice.yml': renderConfig(detected) });
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(result.config.project, 'till-1');
    assert.equal(result.config.services[0]?.run.start, 'node server.js');
  });
});
