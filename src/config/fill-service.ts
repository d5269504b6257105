import type { CommandSpec } from '../base/command-spec.ts';
import type { ServiceName } from '../base/ids.ts';
import type { ProbeSpec, ServiceRun } from '../base/service-run.ts';
import type { MetricSource } from '../ports/metrics/port.ts';
import type { Channel } from '../ports/notify/port.ts';
import type { Migration } from '../rollout/migration.ts';
import type { MetricConfig, ServiceConfig } from './config.ts';
import type { Cursor } from './cursor.ts';
import { defaultAssets } from './default-assets.ts';

export function fillService(at: Cursor, name: string): ServiceConfig {
  return {
    name: name as ServiceName,
    run: fillRun(at),
    migrate: fillMigrate(at.key('migrate')),
    integrity: fillCommand(at.key('integrity')),
    hosts: at.key('hosts').texts(),
    pathPrefix: at.key('pathPrefix').text() ?? '/',
    assets: fillAssets(at.key('assets')),
    metrics: at
      .key('metrics')
      .keys()
      .map((metric) => fillMetric(at.key('metrics').key(metric), metric)),
  };
}

function fillAssets(at: Cursor): readonly string[] {
  if (at.isOff) return [];
  return at.present ? at.texts() : defaultAssets;
}

function fillRun(at: Cursor): ServiceRun {
  const health = fillProbe(at.key('health', 'run.health'), '/healthz');
  return {
    start: at.key('start', 'run.start').text() ?? '',
    env: at.key('env', 'run.env').textMap(),
    secretEnv: at.key('secretEnv', 'run.secretEnv').texts(),
    health,
    ready: fillProbe(at.key('ready', 'run.ready'), health.path),
    startDeadlineMs: at.key('startDeadline', 'run.startDeadlineMs').durationMs('60s'),
    drainDeadlineMs: at.key('drainDeadline', 'run.drainDeadlineMs').durationMs('30s'),
    smoke: fillCommand(at.key('smoke', 'run.smoke')),
  };
}

function fillProbe(at: Cursor, path: string): ProbeSpec {
  return {
    path: (at.isMap ? at.key('path').text() : at.as('path').text()) ?? path,
    intervalMs: at.key('interval', 'intervalMs').durationMs('1s'),
    timeoutMs: at.key('timeout', 'timeoutMs').durationMs('1s'),
    successes: at.key('successes').number(2),
    failures: at.key('failures').number(3),
  };
}

/** Null where no command is written. */
export function fillCommand(at: Cursor): CommandSpec | null {
  const run = at.isMap ? at.key('run').text() : at.as('run').text();
  if (run === null) return null;
  return {
    run,
    timeoutMs: at.key('timeout', 'timeoutMs').durationMs('60s'),
    env: at.key('env').textMap(),
  };
}

function fillMigrate(at: Cursor): Migration | null {
  const up = fillCommand(at.key('up'));
  if (up === null) return null;
  const down = fillCommand(at.key('down'));
  const lossless = at.key('lossless').flag(false);
  if (lossless && down === null) {
    at.complain(
      'config-value',
      `${at.path} is lossless but has no way down.`,
      'Add `down:`, or remove `lossless`.',
    );
  }
  return { up, down, compatible: at.key('compatible').flag(false), lossless };
}

function fillMetric(at: Cursor, name: string): MetricConfig {
  return {
    name,
    source: fillSource(at),
    direction: at.key('direction').choice(['more-is-bad', 'fewer-is-bad'], 'more-is-bad'),
    kind: at.key('kind').choice(['rate', 'mean'], 'mean'),
    intervalMs: at.key('interval', 'intervalMs').durationMs('30s'),
    maxAgeMs: at.key('maxAge', 'maxAgeMs').durationMs('2m'),
    required: at.key('required').flag(false),
  };
}

function fillSource(at: Cursor): MetricSource {
  const run = at.key('command', 'source.run').text();
  const url = at.key('url', 'source.url').text();
  if ((run === null) === (url === null)) {
    at.complain('config-value', `${at.path} needs one source.`, 'Give either `command` or `url`.');
  }
  const timeoutMs = at.key('timeout', 'source.timeoutMs').durationMs('10s');
  if (url === null) return { kind: 'command', run: run ?? '', timeoutMs };
  return { kind: 'http', url, path: at.key('path', 'source.path').text() ?? 'value', timeoutMs };
}

/** Where notices or documents go; the default where nothing is written. */
export function fillChannel(at: Cursor, otherwise: Channel): Channel {
  if (at.as('kind').text() === 'terminal') return { kind: 'terminal' };
  for (const kind of ['file', 'folder', 'command', 'webhook'] as const) {
    const value = at.key(kind, '').text();
    if (value === null) continue;
    if (kind === 'command') return { kind, run: value };
    return kind === 'webhook' ? { kind, url: value } : { kind, path: value };
  }
  return otherwise;
}
