import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from './read-manifest.ts';

export interface DetectedStart {
  readonly run: string;
  /** What it was recognised by, for people; null when nothing was. */
  readonly why: string | null;
}

/** How one instance is started. The first that tells wins: what people wrote for this very purpose, then usual file names. */
export async function detectStart(root: string, manifest: Manifest): Promise<DetectedStart> {
  const text = (name: string) => readFile(path.join(root, name), 'utf8').catch(() => null);
  const script = manifest.scripts.start;
  if (script !== undefined) return ofScript(script);
  const web = /^web:\s*(\S.*?)\s*$/m.exec((await text('Procfile')) ?? '')?.[1];
  if (web !== undefined) return { run: web, why: 'web of the Procfile' };
  for (const file of nodeFiles) {
    if ((await text(file)) !== null) return { run: `node ${file}`, why: `the file ${file}` };
  }
  for (const file of pythonFiles) {
    const code = await text(file);
    if (code !== null) return ofPython(file, code);
  }
  if (manifest.main !== null) {
    const run = `node ${shellWord(manifest.main)}`;
    return { run, why: 'main of package.json' };
  }
  const image = commandOf((await text('Dockerfile')) ?? '');
  if (image !== null) return { run: image, why: 'CMD of the Dockerfile' };
  return { run: 'node server.js', why: null };
}

const nodeFiles = ['server.js', 'server.mjs', 'server.ts', 'index.js', 'app.js'];
const pythonFiles = ['manage.py', 'app.py', 'main.py', 'server.py'];

/** A plain node command is run as it is: without npm between, the process that gets SIGTERM is the server. */
function ofScript(script: string): DetectedStart {
  const why = 'script "start" of package.json';
  const plain = /^(?:[A-Z_][A-Z0-9_]*=[\w./-]* +)*node [^&|;<>$`]+$/.test(script);
  return { run: plain ? script : 'npm start --silent', why };
}

function ofPython(file: string, code: string): DetectedStart {
  const module = file.slice(0, -'.py'.length);
  const told = (run: string, what = `the file ${file}`) => ({ run, why: what });
  if (file === 'manage.py') return told('python3 manage.py runserver --noreload 127.0.0.1:$PORT');
  const [, app] = /^(\w+)\s*=\s*FastAPI\(/m.exec(code) ?? [];
  if (app !== undefined)
    return told(`uvicorn ${module}:${app} --port $PORT`, `the FastAPI application in ${file}`);
  if (/^\w+\s*=\s*Flask\(/m.test(code) && !/\.run\(/.test(code))
    return told(`flask --app ${module} run --port $PORT`, `the Flask application in ${file}`);
  return told(`python3 ${file}`);
}

/** CMD of a Dockerfile, in either of its forms; null when there is none. */
function commandOf(dockerfile: string): string | null {
  const last = [...dockerfile.matchAll(/^CMD\s+(\S.*?)\s*$/gm)].at(-1)?.[1];
  if (last === undefined || !last.startsWith('[')) return last ?? null;
  try {
    const words: unknown = JSON.parse(last);
    return Array.isArray(words) ? words.map((word) => shellWord(String(word))).join(' ') : null;
  } catch {
    return null; // Docker would not understand it either.
  }
}

const shellWord = (text: string): string =>
  /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
