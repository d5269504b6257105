import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { SluiceError } from '../../base/sluice-error.ts';
import type { ProjectConfig } from '../../config/config.ts';
import { type ProjectPlace, prepareState } from '../../daemon/project-place.ts';
import { readConfig } from '../../daemon/read-config.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { outputOf } from '../output.ts';
import { placeOf } from '../place-of.ts';
import { environmentFile, launchdPlist, type ServiceSpec, systemdUnit } from './service-unit.ts';

export interface InstallOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly system?: boolean;
  readonly dryRun?: boolean;
}

interface Installation {
  readonly spec: ServiceSpec;
  readonly path: string;
  readonly text: string;
  /** Links that `enable` made. */
  readonly links: readonly string[];
  readonly enable: readonly string[];
  readonly disable: readonly string[];
}

/** Writes the unit and says how it is enabled; the system's service manager itself is not called. */
export async function installService(options: InstallOptions): Promise<void> {
  const place = placeOf(options);
  const config = await readConfig(place.file);
  const { spec, path, text, enable } = installationOf(place, config.project, options);
  const answer = { name: spec.name, path, text, commands: enable };
  if (options.dryRun) return outputOf(options).answer(answer, `# ${path}\n${text.trimEnd()}`);
  await prepareState(place);
  await written(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, text, { mode: 0o644 });
  });
  const lines = [
    `Wrote ${path}.`,
    'Enable it:',
    ...enable.map((command) => `  ${command}`),
    ...hints(spec, config),
  ];
  outputOf(options).answer(answer, lines.join('\n'));
}

/** Removes the unit and the links that enabled it. What runs goes on until it is stopped. */
export async function uninstallService(options: InstallOptions): Promise<void> {
  const place = placeOf(options);
  const { project } = await readConfig(place.file);
  const { spec, path, links, disable } = installationOf(place, project, options);
  const there = existsSync(path);
  const answer = { name: spec.name, path, removed: there && options.dryRun !== true, commands: disable };
  const output = outputOf(options);
  if (!there) return output.answer(answer, `${path} is not there: nothing to remove.`);
  if (options.dryRun) return output.answer(answer, `Would remove ${path}.`);
  await written(path, async () => {
    for (const one of [path, ...links]) await rm(one, { force: true });
  });
  const lines = [
    `Removed ${path}.`,
    'Let the system forget it:',
    ...disable.map((command) => `  ${command}`),
  ];
  output.answer(answer, lines.join('\n'));
}

function installationOf(place: ProjectPlace, project: string, options: InstallOptions): Installation {
  const scope = options.system === true ? 'system' : 'user';
  const hash = createHash('sha256').update(place.file).digest('hex').slice(0, 8);
  const short = project
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const spec: ServiceSpec = {
    name: `sluice-${short || 'project'}-${hash}`,
    project,
    node: process.execPath,
    main: realpathSync(process.argv[1] ?? ''),
    file: place.file,
    root: place.root,
    stateDir: place.stateDir,
    path: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    scope,
    user: userInfo().username,
  };
  if (process.platform === 'linux') return systemd(spec);
  if (process.platform === 'darwin') return launchd(spec);
  throw new SluiceError({
    code: 'install-unsupported',
    message: `Sluice writes units for systemd and launchd, and this is ${process.platform}.`,
    remedy: `Let the system run at its start: ${spec.node} ${spec.main} serve --config ${spec.file}`,
  });
}

function systemd(spec: ServiceSpec): Installation {
  const user = spec.scope === 'user';
  const home = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  const directory = user ? join(home, 'systemd', 'user') : '/etc/systemd/system';
  const unit = `${spec.name}.service`;
  const control = user ? 'systemctl --user' : 'sudo systemctl';
  const wants = `${user ? 'default' : 'multi-user'}.target.wants`;
  return {
    spec,
    path: join(directory, unit),
    text: systemdUnit(spec),
    links: [join(directory, wants, unit)],
    enable: [
      `${control} daemon-reload`,
      `${control} enable --now ${unit}`,
      ...(user ? [`loginctl enable-linger ${spec.user}`] : []),
    ],
    disable: [`${control} stop ${unit}`, `${control} daemon-reload`],
  };
}

function launchd(spec: ServiceSpec): Installation {
  const user = spec.scope === 'user';
  const directory = user ? join(homedir(), 'Library', 'LaunchAgents') : '/Library/LaunchDaemons';
  const path = join(directory, `${spec.name}.plist`);
  const control = user ? 'launchctl' : 'sudo launchctl';
  const domain = user ? `gui/${userInfo().uid}` : 'system';
  return {
    spec,
    path,
    text: launchdPlist(spec),
    links: [],
    enable: [`${control} bootstrap ${domain} '${path.replaceAll("'", "'\\''")}'`],
    disable: [`${control} bootout ${domain}/${spec.name}`],
  };
}

function hints(spec: ServiceSpec, { services }: ProjectConfig): readonly string[] {
  const secrets = [...new Set(services.flatMap(({ run }) => run.secretEnv))];
  const temporary = /[\\/]_npx[\\/]/.test(spec.main);
  return [
    ...(secrets.length === 0
      ? []
      : [`Put ${secrets.join(', ')} into ${environmentFile(spec)} (mode 0600), one NAME=value a line.`]),
    ...(temporary
      ? [`${spec.main} is a temporary copy: install the package sluice, and write the unit with that one.`]
      : []),
  ];
}

async function written(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new SluiceError({
      code: 'install-failed',
      message: `${path} could not be changed: ${(cause as Error).message}.`,
      remedy:
        'Use --user for a unit of your own, or run it as somebody who may write there; --dry-run prints the unit.',
      cause,
    });
  }
}
