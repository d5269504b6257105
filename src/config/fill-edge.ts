import path from 'node:path';
import type { AccessLogSettings, CertificateFiles, EdgeSettings } from '../base/route-table.ts';
import type { Cursor } from './cursor.ts';

/** What the router does at the door of an environment; nothing where nothing of it is written. Paths are read from `root`. */
export function fillEdge(at: Cursor, root: string): { readonly edge?: EdgeSettings } {
  const accessLog = fillAccessLog(at.key('accessLog', 'edge.accessLog'), root);
  const tls = fillTls(at.key('tls', 'edge.tls'), root);
  const nameVersion = at
    .key('nameVersion', 'edge.nameVersion')
    .choice(['on-demand', 'always', 'off'], 'on-demand');
  const edge: EdgeSettings = {
    ...(accessLog && { accessLog }),
    ...(nameVersion !== 'on-demand' && { nameVersion }),
    ...(tls && { tls }),
  };
  return Object.keys(edge).length === 0 ? {} : { edge };
}

function fillAccessLog(at: Cursor, root: string): AccessLogSettings | null {
  const written = at.as('path').text() ?? at.key('path').text();
  const sample = at.key('sample').fraction(1);
  if (written === null || sample === 0) return null;
  return {
    path: path.resolve(root, written),
    sample,
    queryValues: at.key('queryValues').texts(),
  };
}

function fillTls(at: Cursor, root: string): CertificateFiles | null {
  const [certificate, key] = [at.key('certificate').text(), at.key('key').text()];
  if (certificate === null || key === null) return null;
  return { certificate: path.resolve(root, certificate), key: path.resolve(root, key) };
}
