import { access, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What `sluice init` writes a configuration from. */
export interface DetectedProject {
  readonly project: string;
  readonly service: string;
  readonly start: string;
  readonly smoke: string | null;
  readonly migrateUp: string | null;
  readonly migrateDown: string | null;
  /** What was recognised, for the person to check: `start: script "start" of package.json`. */
  readonly findings: readonly string[];
}

/** Looks at a repository. Never rejects: where nothing is recognised, the start command is a guess and `findings` says so. */
export async function detectProject(directory: string): Promise<DetectedProject> {
  const root = path.resolve(directory);
  const manifest = await readManifest(path.join(root, 'package.json'));
  const files = new Set<string>();
  for (const name of starters) if (await exists(path.join(root, name.file))) files.add(name.file);
  const script = (name: string): string | null => manifest.scripts[name] ?? null;
  const start = detectStart(manifest, files);
  const found = (what: string, name: string): string[] =>
    script(name) === null ? [] : [`${what}: script "${name}"`];
  return {
    project: projectName(manifest.name ?? path.basename(root)),
    service: 'web',
    start: start.run,
    smoke: script('smoke') === null ? null : 'npm run --silent smoke',
    migrateUp: script('migrate:up') === null ? null : 'npm run --silent migrate:up',
    migrateDown: script('migrate:down') === null ? null : 'npm run --silent migrate:down',
    findings: [
      `start: ${start.why}`,
      ...found('smoke', 'smoke'),
      ...found('migrate up', 'migrate:up'),
      ...found('migrate down', 'migrate:down'),
    ],
  };
}

interface Manifest {
  readonly name: string | null;
  readonly main: string | null;
  readonly scripts: Readonly<Record<string, string>>;
}

const starters = [
  { file: 'server.js', run: 'node server.js' },
  { file: 'server.mjs', run: 'node server.mjs' },
  { file: 'server.ts', run: 'node server.ts' },
  { file: 'index.js', run: 'node index.js' },
  { file: 'app.js', run: 'node app.js' },
  { file: 'manage.py', run: 'python3 manage.py runserver 127.0.0.1:$PORT' },
  { file: 'app.py', run: 'python3 app.py' },
] as const;

function detectStart(
  manifest: Manifest,
  files: ReadonlySet<string>,
): { readonly run: string; readonly why: string } {
  const script = manifest.scripts.start;
  // A plain node command is run as it is: without npm between, the process that gets SIGTERM is the server.
  if (script !== undefined && /^node [^&|;<>$`]+$/.test(script)) {
    return { run: script, why: 'script "start" of package.json' };
  }
  if (script !== undefined) return { run: 'npm start --silent', why: 'script "start" of package.json' };
  const starter = starters.find(({ file }) => files.has(file));
  if (starter) return { run: starter.run, why: `the file ${starter.file}` };
  if (manifest.main !== null) return { run: `node ${shellWord(manifest.main)}`, why: 'main of package.json' };
  return { run: 'npm start --silent', why: 'nothing was recognised; please correct it' };
}

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** `@acme/shop` → `shop`; what the configuration does not allow is left out. */
function projectName(name: string): string {
  const short = name.split('/').at(-1) ?? '';
  const plain = short
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60);
  return plain === '' ? 'project' : plain;
}

async function readManifest(file: string): Promise<Manifest> {
  const none: Manifest = { name: null, main: null, scripts: {} };
  const text = await readFile(file, 'utf8').catch(() => null); // No manifest is a normal answer.
  if (text === null) return none;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return none;
    const { name, main, scripts } = value as Record<string, unknown>;
    const pairs = Object.entries(typeof scripts === 'object' && scripts !== null ? scripts : {});
    return {
      name: typeof name === 'string' ? name : null,
      main: typeof main === 'string' ? main : null,
      scripts: Object.fromEntries(
        pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
      ),
    };
  } catch {
    return none; // A broken manifest tells nothing; init still writes a file that can be corrected.
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
