import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, type TestContext, test } from 'node:test';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy =
  '{ kind: canary, holdback: 0%, steps: [{ setWeight: 50% }, { analyze: { bake: 500ms, deadline: 1500ms } }] }';
const ends: (() => Promise<void>)[] = [];
let project: Project;
let load: Load;
let unit = 1;

before(async () => {
  const lasting = { after: (end: () => Promise<void>) => void ends.push(end) } as unknown as TestContext;
  project = await Project.make(lasting, ({ production }) => settings(production, { strategy }));
  await project.released('U-1', '1.0.0');
  load = new Load(project.url(), { rate: 50 });
});

after(async () => {
  await load.end();
  for (const end of ends) await end();
});

const sources: Readonly<Record<string, () => Promise<string>>> = {
  'answers late': async () => 'command: sleep 5',
  'prints nonsense': async () => 'command: echo a lot of orders',
  'ends with an error': async () => 'command: exit 3',
  'tells of yesterday': async () =>
    `command: 'echo "{\\"value\\": 1, \\"at\\": \\"2020-01-01T00:00:00Z\\"}"'`,
  'is not there': async () => `url: 'http://127.0.0.1:${await freePort()}/orders'`,
};

for (const [name, source] of Object.entries(sources)) {
  test(`a required measurement that ${name} promotes nothing and takes nothing back: a person is asked`, async () => {
    const metric = `metrics: { orders: { ${await source()}, timeout: 300ms, interval: 300ms, required: true } }`;
    const text = settings(project.ports.production, { strategy, service: metric });
    await writeFile(project.path('sluice.yml'), text);
    unit += 1;
    await project.approved(`U-${unit}`, `${unit}.0.0`);
    const { rollout } = await project.call('deploy', { service: 'web', to: 'production', unit: `U-${unit}` });
    const { rollout: asking } = await project.moment(
      'asked',
      (state) => state.rollout?.phase === 'forward' && state.rollout.asked,
    );
    assert.equal(asking?.rollout, rollout);
    const { evidence } = await project.status();
    assert.equal(evidence?.verdict.kind, 'error', JSON.stringify(evidence?.verdict));
    assert.match(evidence?.verdict.reasons.join(' ') ?? '', /orders/);
    await project.call('promote', { service: 'web', to: 'production', reason: 'looked at it by hand' });
    assert.equal((await project.ended(rollout)).ending, 'succeeded');
    assert.deepEqual(load.failed, []);
  });
}
