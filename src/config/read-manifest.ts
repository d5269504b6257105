import { readFile } from 'node:fs/promises';

/** What a package.json tells of how its package is run. */
export interface Manifest {
  readonly name: string | null;
  readonly main: string | null;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Never rejects: a manifest that is missing or broken tells nothing. */
export async function readManifest(file: string): Promise<Manifest> {
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
