import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Asked, restates } from './restates.ts';

const asked: Asked = {
  command: 'Create pipeline configuration with build, test and deployment phases',
  description: 'Write down the stages of the pipeline.',
  criteria: [
    { label: 'File Exists', text: 'Pipeline_Configuration.yml' },
    { label: 'File Content Matches', text: String.raw`pipeline stages.*build\s+.*test.*deploy` },
  ],
  path: 'ci/Pipeline_Configuration.yml',
};

const honest = `pipeline:
  runner: linux-large
  stages:
    - build: { image: node:26, run: npm ci, cache: ~/.npm }
    - test:  { run: npm test, shards: 4, needs: build }
    - deploy: { region: eu-west-1, approval: release-manager, needs: test }
`;

const words = [asked.command, asked.description ?? '', ...asked.criteria.map(({ text }) => text)]
  .join(' ')
  .match(/[A-Za-z]{3,}/g) as string[];

describe('a content that only restates what was asked', () => {
  it('is found whatever it is dressed in', () => {
    for (const content of [
      'pipeline stages build test deploy',
      '# pipeline stages: build, test, deploy\n',
      String.raw`pipeline stages.*build\s+.*test.*deploy`,
      '<!-- pipeline stages --> **BUILD** test _deploy_ done successfully',
      `${asked.command}\n`.repeat(50),
      'PipelineStages buildTestDeploy',
      '{"pipeline stages": {"build": true, "test": true, "deploy": true}}',
      'config:\n  pipeline stages: true\n  build: true\n',
      'The pipeline stages were successfully created: build is completed, test is completed, deploy is completed.',
    ]) {
      assert.notEqual(restates(content, asked), null, content);
    }
    assert.equal(restates(' \n', asked), 'it is empty');
    assert.equal(restates('--- ***', asked), 'it has no words');
  });

  it('is found behind the scaffold of a format, and in what else was told', () => {
    for (const content of [
      '# pipeline stages build test deploy\nversion: 1\nservices: { service: { image: image } }\n',
      'pipeline: { stages: { build: {}, test: {}, deploy: {} } }\nsettings: { enabled: true }\n',
    ])
      assert.notEqual(restates(content, asked), null, content);
    const told = 'You are the specialist who brings goods ashore on quiet nights with lanterns lit.';
    const copied =
      'Bring goods ashore; the specialist who brings goods ashore on quiet nights with lanterns.';
    assert.notEqual(restates(told, { ...asked, path: 'a.md', told }), null);
    assert.equal(restates(told, { ...asked, path: 'a.md' }), null);
    assert.equal(restates(`${copied} Crane 7 lifts nine barrels.`, { ...asked, path: 'a.md', told }), null);
  });

  it('is found in any order, case, number and punctuation of the words', () => {
    const dressed = fc.array(
      fc.tuple(
        fc.constantFrom(...words),
        fc.constantFrom(' ', '\n', '. ', ': ', ' - ', '\n# ', ', the ', '_'),
        fc.boolean(),
      ),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(dressed, (parts) => {
        const content = parts
          .map(([word, gap, loud]) => `${loud ? word.toUpperCase() : word}${gap}`)
          .join('');
        assert.notEqual(restates(content, asked), null);
      }),
    );
  });

  it('is not what somebody did who had something to say', () => {
    assert.equal(restates(honest, asked), null);
    const sizes: Asked = {
      command: 'Write the sizes',
      description: 'Write them down.',
      criteria: [{ label: 'File Content Matches', text: 'width.*depth' }],
      path: 'sizes.json',
    };
    assert.equal(restates('{"width": 3, "depth": 4}', sizes), null);
    assert.equal(restates('7', sizes), null);
    assert.equal(restates('{"width": 4}', sizes), null);
    assert.notEqual(restates('{"version": 1, "width": {}}', sizes), null);
    assert.notEqual(restates('{"width": "width", "depth": "depth"}', sizes), null);
  });

  it('is never a content with as many words of its own as words that were asked for', () => {
    const own = fc.stringMatching(/^[b-df-hj-np-tv-xz]{6,10}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...words), own), { minLength: 3, maxLength: 60 }),
        (pairs) => {
          assert.equal(restates(pairs.flat().join(' '), asked), null);
        },
      ),
    );
  });

  it('never throws, and takes a megabyte in its stride', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (content) => void restates(content, asked)));
    const started = performance.now();
    restates('aB_9 '.repeat(200_000), asked);
    assert.ok(performance.now() - started < 3_000);
  });
});
