// Builds one version of the shop: `node build.js 1.1.0 dist` copies the sources and says which version they are.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = import.meta.dirname;
const sources = ['server.js', 'pages.js', 'catalogue.js', 'smoke.js'];

const [version, directory] = process.argv.slice(2);
const versions = await readJson('versions.json');
if (version === undefined || directory === undefined || versions[version] === undefined) {
  console.error(`usage: node build.js VERSION DIRECTORY\nversions: ${Object.keys(versions).join(', ')}`);
  process.exit(2);
}
await mkdir(directory, { recursive: true });
for (const source of sources) await copyFile(join(here, source), join(directory, source));
await writeJson('package.json', { ...(await readJson('package.json')), version });
await writeJson('version.json', { version, ...versions[version] });

async function readJson(name) {
  return JSON.parse(await readFile(join(here, name), 'utf8'));
}

async function writeJson(name, value) {
  await writeFile(join(directory, name), `${JSON.stringify(value, null, 2)}\n`);
}
