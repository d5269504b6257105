import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** What the sources say of how a service is asked. */
export interface DetectedPaths {
  /** Null when no source names one. */
  readonly health: string | null;
  readonly ready: string | null;
  /** A source names the variable PORT; null when there was none to read. */
  readonly port: boolean | null;
}

const healthPaths = ['/healthz', '/health', '/livez', '/live', '/_health', '/api/health', '/ping', '/up'];
const readyPaths = ['/readyz', '/ready', '/readiness', '/api/ready'];
const sources = /\.(?:[cm]?[jt]sx?|py|rb|go|java|kt|php|rs|ex)$/;
const skipped = new Set(['node_modules', 'vendor', 'venv', '__pycache__', 'test', 'tests', 'coverage']);
const mostFiles = 400;
const mostBytes = 262_144;

/** Looks for well-known paths in the sources below a directory; a few hundred files at most, and never rejects. */
export async function detectPaths(root: string): Promise<DetectedPaths> {
  const files = await filesBelow(root);
  const texts = await Promise.all(files.map(readable));
  const names = (known: string) => {
    const quoted = new RegExp(`["'\`]${known}/?["'\`?]`);
    return texts.some((text) => quoted.test(text));
  };
  return {
    health: healthPaths.find(names) ?? null,
    ready: readyPaths.find(names) ?? null,
    port: files.length === 0 ? null : texts.some((text) => /\bPORT\b/.test(text)),
  };
}

/** Breadth first: what matters lies near the top. */
async function filesBelow(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const open = [root]; open.length > 0 && found.length < mostFiles; ) {
    const directory = open.shift() ?? root;
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
      if (entry.isDirectory()) open.push(path.join(directory, entry.name));
      else if (entry.isFile() && sources.test(entry.name)) found.push(path.join(directory, entry.name));
    }
  }
  return found.slice(0, mostFiles);
}

async function readable(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found === null || found.size > mostBytes) return '';
  return readFile(file, 'utf8').catch(() => '');
}
