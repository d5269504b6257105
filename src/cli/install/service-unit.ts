/** What the operating system is told to keep running. Every path is absolute. */
export interface ServiceSpec {
  /** Name of the unit, without an ending. */
  readonly name: string;
  readonly project: string;
  readonly node: string;
  /** Sluice itself. */
  readonly main: string;
  readonly file: string;
  readonly root: string;
  readonly stateDir: string;
  /** PATH of whoever installs: the start commands are found as they are now. */
  readonly path: string;
  readonly scope: 'user' | 'system';
  /** Who runs it, when the scope is `system`. */
  readonly user: string;
}

/** Variables that `secretEnv` and `${env:NAME}` need are read from here, one `NAME=value` a line. */
export function environmentFile({ stateDir }: Pick<ServiceSpec, 'stateDir'>): string {
  return `${stateDir}/environment`;
}

/**
 * A systemd unit. Its end is the end of the controller alone (`KillMode=process`): router and instances serve on while the
 * controller is restarted, and are told to end by the system when it goes down.
 */
export function systemdUnit(spec: ServiceSpec): string {
  const { project, node, main, file, root, stateDir, path, scope, user } = spec;
  const network = ['Wants=network-online.target', 'After=network-online.target'];
  return [
    '# Written by `sluice serve --install`; `sluice serve --uninstall` removes it.',
    '[Unit]',
    `Description=Sluice controller of ${percent(project)}`,
    ...(scope === 'system' ? network : []),
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    ...(scope === 'system' ? [`User=${user}`] : []),
    `WorkingDirectory=${percent(root)}`,
    `Environment=${quoted(`PATH=${path}`)}`,
    `Environment=${quoted(`SLUICE_STATE_DIR=${stateDir}`)}`,
    `EnvironmentFile=-${percent(environmentFile(spec))}`,
    `ExecStart=${[node, main, 'serve', '--config', file].map(argument).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=2',
    'KillMode=process',
    'OOMPolicy=continue',
    'TimeoutStopSec=60',
    'UMask=0077',
    '',
    '[Install]',
    `WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n');
}

/** In every value `%` begins a specifier. */
function percent(text: string): string {
  return text.replaceAll('%', '%%');
}

function quoted(text: string): string {
  return `"${percent(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** On a command line `$` begins a variable besides. */
function argument(text: string): string {
  return /^[\w@/.+:=-]+$/.test(text) ? text : quoted(text).replaceAll('$', '$$$$');
}

/** A launchd property list, for macOS; it has no file of variables, so that a shell reads it. */
export function launchdPlist(spec: ServiceSpec): string {
  const { name, node, main, file, root, stateDir, path, scope, user } = spec;
  const script = 'set -a; if [ -f "$0" ]; then . "$0"; fi; exec "$@"';
  const words = ['/bin/sh', '-c', script, environmentFile(spec), node, main, 'serve', '--config', file];
  const log = `${stateDir}/controller.log`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<!-- Written by sluice serve (install). -->',
    '<plist version="1.0">',
    '<dict>',
    ...entry('Label', string(name)),
    ...entry('ProgramArguments', `<array>${words.map(string).join('')}</array>`),
    ...(scope === 'system' ? entry('UserName', string(user)) : []),
    ...entry('WorkingDirectory', string(root)),
    ...entry(
      'EnvironmentVariables',
      `<dict><key>PATH</key>${string(path)}<key>SLUICE_STATE_DIR</key>${string(stateDir)}</dict>`,
    ),
    ...entry('RunAtLoad', '<true/>'),
    ...entry('KeepAlive', '<dict><key>SuccessfulExit</key><false/></dict>'),
    ...entry('AbandonProcessGroup', '<true/>'),
    ...entry('StandardOutPath', string(log)),
    ...entry('StandardErrorPath', string(log)),
    ...entry('Umask', '<integer>63</integer>'),
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

function entry(key: string, value: string): readonly string[] {
  return [`  <key>${key}</key>`, `  ${value}`];
}

function string(text: string): string {
  return `<string>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`;
}
