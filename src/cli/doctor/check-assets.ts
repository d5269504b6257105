import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unreachable } from '../../base/invariant.ts';
import type { EnvironmentConfig, ProjectConfig, ServiceConfig } from '../../config/config.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import { type Check, ok, warn } from './check.ts';

type Loaded = Extract<LoadedConfig, { ok: true }>;

/**
 * A page of one version asks for files whose hashed names the other version does not have. Said where somebody wrote
 * `assets`, or where the project builds pages, of environments in which two versions serve at once.
 */
export async function checkAssets({ config, origins }: Loaded): Promise<readonly Check[]> {
  const building = await buildsPages(config);
  return config.environments.flatMap((environment) => {
    const services = config.services.filter(({ name, assets = [] }) => {
      const written = (origins.get(`services.${name}.assets[0]`) ?? 'default') !== 'default';
      return assets.length > 0 && (written || building);
    });
    return sharesTraffic(environment) ? services.map((service) => checkOne(environment, service)) : [];
  });
}

function checkOne({ name, strategy, affinity }: EnvironmentConfig, service: ServiceConfig): Check {
  const title = `assets ${name}`;
  const kept = strategy.kind === 'ab' ? strategy.affinity : affinity;
  if (kept.kind !== 'none')
    return ok(title, `users of ${service.name} stay on one version by ${kept.kind} ${kept.name}`);
  const found = `${name} chooses by chance for each request: a page of one version of ${service.name} asks the other for files that it does not have (${(service.assets ?? []).join(', ')}). Such a 404 is tried once on the other version while both run.`;
  const where = strategy.kind === 'ab' ? "the strategy's `affinity: cookie`" : '`affinity: cookie`';
  return warn(
    title,
    found,
    `Set ${where} for ${name}, or { header: NAME }, so that a user stays on one version; or \`assets: off\` for a service without pages.`,
  );
}

/** True where requests are divided between two versions for a while. */
function sharesTraffic({ strategy }: EnvironmentConfig): boolean {
  switch (strategy.kind) {
    case 'canary':
    case 'rolling':
    case 'ab':
      return true;
    case 'blue-green':
      return strategy.steps.some((step) => step.type === 'setWeight' && step.weightPercent < 100);
    case 'recreate':
      return false;
    default:
      return unreachable(strategy);
  }
}

const pageBuilders =
  /^(?:vite|next|nuxt|astro|parcel|webpack|rollup|esbuild|react-scripts|gatsby|@angular\/cli|@sveltejs\/kit|@remix-run\/dev|@rspack\/core)$/;
const builtFiles = [
  'dist/assets',
  'build/static',
  'build/assets',
  'public/assets',
  'public/build',
  '.next/static',
];

async function buildsPages({ root }: ProjectConfig): Promise<boolean> {
  const there = await Promise.all(builtFiles.map((path) => access(join(root, path)).then(yes, no)));
  return there.includes(true) || (await packagesOf(root)).some((name) => pageBuilders.test(name));
}

async function packagesOf(root: string): Promise<readonly string[]> {
  try {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, object>;
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  } catch {
    // Without a package.json that can be read, the directories alone tell.
    return [];
  }
}

const yes = () => true;
const no = () => false;
