import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DetectedProject, detectProject } from './detect-project.ts';
import { loadConfig } from './load-config.ts';
import { renderConfig } from './render-config.ts';

describe('what init sees of a repository', () => {
  let place = '';
  let number = 0;
  before(async () => {
    place = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-detect-')));
  });
  after(() => rm(place, { recursive: true, force: true }));

  /** Whatever was seen, the file that is written from it loads. */
  async function seen(files: Readonly<Record<string, string>>): Promise<DetectedProject> {
    number += 1;
    const root = path.join(place, `my shop ${number}`);
    for (const [name, text] of Object.entries({ '.keep': '', ...files })) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), text);
    }
    const detected = await detectProject(root);
    await writeFile(path.join(root, 'sluice.yml'), renderConfig(detected));
    const loaded = await loadConfig(root, { env: {} });
    assert.ok(loaded.ok, JSON.stringify(loaded));
    const [web] = loaded.config.services;
    assert.deepEqual([web?.run.start, web?.run.health.path], [detected.start, detected.health]);
    return detected;
  }

  const starts: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['node server.js --quiet', { 'package.json': '{"scripts":{"start":"node server.js --quiet"}}' }],
    [
      'NODE_ENV=production node a.js',
      { 'package.json': '{"scripts":{"start":"NODE_ENV=production node a.js"}}' },
    ],
    ['npm start --silent', { 'package.json': '{"scripts":{"start":"tsc && node a.js"}}' }],
    ['gunicorn app:app -b :$PORT', { Procfile: 'web: gunicorn app:app -b :$PORT\n', 'app.py': '' }],
    ['node server.ts', { 'server.ts': '' }],
    ['flask --app app run --port $PORT', { 'app.py': 'app = Flask(__name__)\n' }],
    ['python3 app.py', { 'app.py': 'app = Flask(__name__)\napp.run(port=os.environ["PORT"])\n' }],
    ['uvicorn main:api --port $PORT', { 'main.py': 'api = FastAPI()\n' }],
    ['node lib/shop.js', { 'package.json': '{"main":"lib/shop.js"}' }],
    ["node 'my shop.js'", { Dockerfile: 'FROM node\nCMD ["node", "my shop.js"]\n' }],
  ];
  for (const [start, files] of starts) {
    it(`starts with \`${start}\``, async () => {
      assert.equal((await seen(files)).start, start);
    });
  }

  it('finds the paths that the sources name, and not those of dependencies', async () => {
    const { health, ready, doubts } = await seen({
      'server.js': 'listen(process.env.PORT)',
      'src/routes.js': `app.get('/health', ok); app.get("/ready", ok);`,
      'node_modules/x/index.js': `'/healthz'`,
    });
    assert.deepEqual([health, ready, doubts], ['/health', '/ready', []]);
  });

  it('says what it could not see', async () => {
    const { doubts, health, startGuessed } = await seen({ 'README.md': 'A shop.' });
    assert.deepEqual([doubts.length, health, startGuessed], [2, '/healthz', true]);
    const { doubts: more } = await seen({ 'server.js': 'listen(3000)' });
    assert.match(more.join(), /PORT/);
  });
});
