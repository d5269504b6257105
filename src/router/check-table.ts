import { isAbsolute } from 'node:path';
import { fullWeight, type RouteTable } from '../base/route-table.ts';
import { SluiceError } from '../base/sluice-error.ts';
import { parseHostPort } from './host-port.ts';
import { compileRules } from './match-rule.ts';

/**
 * Looks at a table from outside (socket or disk) and gives it back typed. Throws `route-table-malformed` with the path of
 * the first wrong value.
 */
export function checkTable(value: unknown): RouteTable {
  const table = record(value, 'the table');
  text(table.target, 'target');
  whole(table.fence, 'fence');
  whole(table.version, 'version');
  parseHostPort(text(table.listen, 'listen'));
  for (const [i, host] of list(table.hosts, 'hosts').entries()) text(host, `hosts[${i}]`);
  if (!text(table.pathPrefix, 'pathPrefix').startsWith('/'))
    throw malformed('pathPrefix', 'must begin with /');
  oneOf(table.mode, ['serve', 'pause', 'maintenance'], 'mode');
  checkBackends(table);
  if (whole(table.candidateWeight, 'candidateWeight') > fullWeight) {
    throw malformed('candidateWeight', `must be from 0 to ${fullWeight}`);
  }
  compileRules(list(table.match, 'match') as RouteTable['match']);
  checkAffinity(record(table.affinity, 'affinity'));
  checkShield(table);
  checkEdge(table);
  checkNumbers(table);
  return value as RouteTable;
}

function checkBackends(table: Readonly<Record<string, unknown>>): void {
  const seen = new Set<string>();
  const mirror = table.mirror === undefined ? [] : checkMirror(record(table.mirror, 'mirror'));
  const lists = { stable: table.stable, candidate: table.candidate, 'mirror.backends': mirror };
  for (const [name, entries] of Object.entries(lists)) {
    for (const [i, entry] of list(entries, name).entries()) {
      const at = `${name}[${i}]`;
      const backend = record(entry, at);
      const instance = text(backend.instance, `${at}.instance`);
      text(backend.generation, `${at}.generation`);
      parseHostPort(text(backend.address, `${at}.address`));
      if (backend.version !== undefined) text(backend.version, `${at}.version`);
      if (seen.has(instance)) throw malformed(`${at}.instance`, `names ${instance} a second time`);
      seen.add(instance);
    }
  }
}

/** Gives back who gets copies, unchecked. */
function checkMirror({ backends, share }: Readonly<Record<string, unknown>>): unknown {
  const hundredths = whole(share, 'mirror.share');
  if (hundredths === 0 || hundredths > fullWeight)
    throw malformed('mirror.share', `must be from 1 to ${fullWeight}`);
  return backends;
}

function checkAffinity(affinity: Readonly<Record<string, unknown>>): void {
  const kind = oneOf(affinity.kind, ['none', 'cookie', 'header'], 'affinity.kind');
  if (kind === 'none') return;
  const name = text(affinity.name, 'affinity.name');
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    throw malformed('affinity.name', 'is not a name of that kind');
}

/** Both may be left out: tables on disk and controllers of before do not know them. */
function checkShield({ shield, assets }: Readonly<Record<string, unknown>>): void {
  if (shield !== undefined) {
    const { budgetPercent: percent, headMs = 'auto' } = record(shield, 'shield');
    if (headMs !== 'auto' && whole(headMs, 'shield.headMs') === 0)
      throw malformed('shield.headMs', 'must be above 0, or auto');
    if (typeof percent !== 'number' || !(percent >= 0 && percent <= 100))
      throw malformed('shield.budgetPercent', 'must be from 0 to 100');
  }
  if (assets !== undefined)
    for (const [i, path] of list(assets, 'assets').entries()) text(path, `assets[${i}]`);
}

function checkEdge(table: Readonly<Record<string, unknown>>): void {
  if (table.edge === undefined) return;
  const { accessLog, nameVersion = 'off', tls } = record(table.edge, 'edge');
  oneOf(nameVersion, ['on-demand', 'always', 'off'], 'edge.nameVersion');
  if (tls !== undefined) {
    const files = record(tls, 'edge.tls');
    for (const key of ['certificate', 'key']) absolute(files[key], `edge.tls.${key}`);
  }
  if (accessLog === undefined) return;
  const { path, sample, queryValues } = record(accessLog, 'edge.accessLog');
  absolute(path, 'edge.accessLog.path');
  if (typeof sample !== 'number' || !(sample > 0 && sample <= 1))
    throw malformed('edge.accessLog.sample', 'must be above 0, and at most 1');
  for (const [i, name] of list(queryValues, 'edge.accessLog.queryValues').entries())
    text(name, `edge.accessLog.queryValues[${i}]`);
}

function checkNumbers(table: Readonly<Record<string, unknown>>): void {
  const probe = record(table.probe, 'probe');
  if (!text(probe.path, 'probe.path').startsWith('/')) throw malformed('probe.path', 'must begin with /');
  for (const key of ['intervalMs', 'timeoutMs', 'failures', 'successes']) {
    if (whole(probe[key], `probe.${key}`) === 0) throw malformed(`probe.${key}`, 'must be above 0');
  }
  const limits = record(table.limits, 'limits');
  for (const key of ['bodyBytes', 'pauseMs', 'pausedRequests']) whole(limits[key], `limits.${key}`);
  for (const key of ['headBytes', 'clientHeadMs', 'upstreamHeadMs', 'idleMs']) {
    if (whole(limits[key], `limits.${key}`) === 0) throw malformed(`limits.${key}`, 'must be above 0');
  }
}

function record(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw malformed(at, 'must be an object');
}

function list(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(at, 'must be a list');
}

function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(at, 'must be a text');
}

function absolute(value: unknown, at: string): void {
  if (!isAbsolute(text(value, at))) throw malformed(at, 'must be an absolute path');
}

function whole(value: unknown, at: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw malformed(at, 'must be a whole number from 0 up');
}

function oneOf(value: unknown, allowed: readonly string[], at: string): string {
  if (typeof value === 'string' && allowed.includes(value)) return value;
  throw malformed(at, `must be one of ${allowed.join(', ')}`);
}

function malformed(at: string, what: string): SluiceError {
  return new SluiceError({
    code: 'route-table-malformed',
    message: `The route table cannot be used: ${at} ${what}.`,
    remedy:
      'Keep the applied table; the controller and the router are of different versions, or the file was edited.',
    details: { at },
  });
}
