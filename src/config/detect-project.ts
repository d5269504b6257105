import path from 'node:path';
import { detectPaths } from './detect-paths.ts';
import { detectStart } from './detect-start.ts';
import { readManifest } from './read-manifest.ts';

/** What `sluice init` writes a configuration from. */
export interface DetectedProject {
  readonly project: string;
  readonly service: string;
  readonly start: string;
  /** Nobody could tell: `start` is a placeholder. */
  readonly startGuessed: boolean;
  readonly health: string;
  readonly healthGuessed: boolean;
  readonly ready: string;
  readonly smoke: string | null;
  readonly migrateUp: string | null;
  readonly migrateDown: string | null;
  /** What was recognised, for the person to check: `start: script "start" of package.json`. */
  readonly findings: readonly string[];
  /** What has to be looked at before the first deployment. */
  readonly doubts: readonly string[];
}

/** Looks at a repository. Never rejects: where nothing is recognised, the start command is a guess and `doubts` says so. */
export async function detectProject(directory: string): Promise<DetectedProject> {
  const root = path.resolve(directory);
  const manifest = await readManifest(path.join(root, 'package.json'));
  const start = await detectStart(root, manifest);
  const paths = await detectPaths(root);
  const script = (name: string): string | null =>
    manifest.scripts[name] === undefined ? null : `npm run --silent ${name}`;
  const found = (what: string, name: string): string[] =>
    script(name) === null ? [] : [`${what}: script "${name}" of package.json`];
  const health = paths.health ?? (paths.port === null ? '/healthz' : '/');
  return {
    project: projectName(manifest.name ?? path.basename(root)),
    service: 'web',
    start: start.run,
    startGuessed: start.why === null,
    health,
    healthGuessed: paths.health === null,
    ready: paths.ready ?? health,
    smoke: script('smoke'),
    migrateUp: script('migrate:up'),
    migrateDown: script('migrate:down'),
    findings: [
      ...(start.why === null ? [] : [`start: ${start.why}`]),
      ...(paths.health === null ? [] : [`health: ${paths.health}, named in the sources`]),
      ...(paths.ready === null ? [] : [`ready: ${paths.ready}, named in the sources`]),
      ...found('smoke', 'smoke'),
      ...found('migrate up', 'migrate:up'),
      ...found('migrate down', 'migrate:down'),
    ],
    doubts: [
      ...(start.why === null
        ? ['start: no command was recognised; write the one that starts an instance']
        : []),
      ...(paths.health === null ? [`health: no path was recognised; ${health} has to answer with 200`] : []),
      ...(paths.port === false && !start.run.includes('PORT')
        ? ['PORT: no source names this variable; an instance has to listen on the port in it']
        : []),
    ],
  };
}

/** `@acme/shop` → `shop`; what the configuration does not allow is left out. */
function projectName(name: string): string {
  const short = name.split('/').at(-1) ?? '';
  const plain = short
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60)
    .replace(/-+$/, '');
  return plain === '' ? 'project' : plain;
}
