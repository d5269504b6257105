import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorFacts } from '../base/sluice-error.ts';
import { type Located, type LocatedMap, plain } from './located.ts';
import { joinPath, type Place, type Problem, problemAt } from './problem.ts';
import { maxBytes, readYaml } from './read-yaml.ts';

const maxFiles = 100;

/** Reads a file and everything it includes, laid over each other. Files are named relative to the first one. */
export async function readFiles(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly root: LocatedMap | null; readonly problems: readonly Problem[] }> {
  const reading = new Reading(path.dirname(file), env);
  const root = await reading.read(file, [], null);
  return { root, problems: reading.problems };
}

class Reading {
  readonly problems: Problem[] = [];
  readonly #base: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #seen = new Set<string>();

  constructor(base: string, env: Readonly<Record<string, string | undefined>>) {
    this.#base = base;
    this.#env = env;
  }

  async read(file: string, chain: readonly string[], from: Place | null): Promise<LocatedMap | null> {
    const name = path.relative(this.#base, file) || path.basename(file);
    const at = from ?? { file: name, line: 1, column: 1 };
    if (chain.includes(file)) {
      const way = [...chain, file].map((one) => path.relative(this.#base, one)).join(' → ');
      this.#complain(
        at,
        'config-include-cycle',
        `The includes run in a circle: ${way}.`,
        'Remove one of these includes.',
      );
      return null;
    }
    if (this.#seen.has(file)) return null;
    this.#seen.add(file);
    if (this.#seen.size > maxFiles) {
      this.#complain(
        at,
        'config-include',
        `More than ${maxFiles} files are included.`,
        'Include fewer files.',
      );
      return null;
    }
    const text = await this.#text(file, name, at);
    if (text === null) return null;
    const { root, problems } = readYaml({ text, file: name, env: this.#env });
    this.problems.push(...problems);
    if (root === null) return null;
    if (root.kind !== 'map') {
      this.#complain(
        root.at,
        'config-value',
        `${name} has no keys.`,
        'Begin with `project:` and `services:`; `sluice init` writes a first file.',
      );
      return null;
    }
    return this.#withIncludes(root, file, [...chain, file]);
  }

  async #withIncludes(root: LocatedMap, file: string, chain: readonly string[]): Promise<LocatedMap> {
    const node = root.entries.get('include')?.value;
    let whole = root;
    for (const item of node === undefined ? [] : node.kind === 'list' ? node.items : [node]) {
      if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value === '') continue;
      const included = await this.read(path.resolve(path.dirname(file), item.value), chain, item.at);
      if (included) whole = this.#merge(whole, included, '');
    }
    return whole;
  }

  #merge(left: LocatedMap, right: LocatedMap, at: string): LocatedMap {
    const entries = new Map(left.entries);
    for (const [key, entry] of right.entries) {
      if (at === '' && key === 'include') continue;
      const mine = entries.get(key);
      const inside = joinPath(at, key);
      if (mine === undefined) entries.set(key, entry);
      else if (mine.value.kind === 'map' && entry.value.kind === 'map') {
        entries.set(key, { key: mine.key, value: this.#merge(mine.value, entry.value, inside) });
      } else if (!same(mine.value, entry.value)) this.#conflict(inside, mine.key, entry.key);
    }
    return { ...left, entries };
  }

  #conflict(inside: string, first: Place, second: Place): void {
    const message = `"${inside}" is set to different values in ${first.file}:${first.line} and ${second.file}:${second.line}.`;
    const remedy = `Keep it in one of ${first.file} and ${second.file}.`;
    this.problems.push(problemAt(second, { code: 'config-conflict', message, path: inside, remedy }));
  }

  async #text(file: string, name: string, at: Place): Promise<string | null> {
    try {
      const found = await stat(file);
      // A device or a pipe would never end, and a file that is far too large is not worth its memory.
      const problem = found.isFile() ? tooLarge(found.size) : 'it is not a file';
      if (problem !== null) throw new Error(problem);
      const bytes = await readFile(file);
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (thrown) {
      const missing = (thrown as { code?: unknown }).code === 'ENOENT';
      if (missing) {
        const remedy =
          at.file === name
            ? 'Run `sluice init`, or name the file with `--config`.'
            : 'Correct the name, or remove the include.';
        this.#complain(at, 'config-file-missing', `There is no file ${name}.`, remedy);
      } else {
        this.#complain(
          at,
          'config-file',
          `${name} cannot be read: ${errorFacts(thrown).message}`,
          'Make it a readable file in UTF-8 of at most 256 KiB.',
        );
      }
      return null;
    }
  }

  #complain(at: Place, code: string, message: string, remedy: string): void {
    this.problems.push(
      problemAt(at, { code, message, path: code.startsWith('config-include') ? 'include' : '', remedy }),
    );
  }
}

const same = (left: Located, right: Located): boolean =>
  JSON.stringify(plain(left)) === JSON.stringify(plain(right));

function tooLarge(bytes: number): string | null {
  return bytes > maxBytes ? `it has ${bytes} bytes; at most ${maxBytes} are read` : null;
}
