import { isDeepStrictEqual } from 'node:util';
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { expandEnv } from './expand-env.ts';
import type { Located } from './located.ts';
import { joinPath, type Place, type Problem, problemAt } from './problem.ts';

/** Of one file. */
export const maxBytes = 262_144;
const maxNodes = 50_000;
const maxDepth = 64;
/** Where one mistake follows another, the first ones tell the cause. */
const maxErrors = 20;
/** Each alias costs a walk through the document. */
const maxAliases = 1_000;

export interface YamlInput {
  readonly text: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads one file. Never throws; `root` is null when the file cannot be read as a mapping at all. */
export function readYaml(input: YamlInput): { readonly root: Located | null; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const top: Place = { file: input.file, line: 1, column: 1 };
  const unreadable = (message: string, remedy: string, at: Place = top): void => {
    const problem = problemAt(at, { code: 'config-yaml', message, path: '', remedy });
    // The parser tells one missing bracket for each level that it closes.
    if (!problems.some((other) => isDeepStrictEqual(other, problem))) problems.push(problem);
  };
  if (Buffer.byteLength(input.text) > maxBytes) {
    unreadable(
      `The file has ${Buffer.byteLength(input.text)} bytes; at most ${maxBytes} are read.`,
      'Shorten the file, or split it with `include:`.',
    );
    return { root: null, problems };
  }
  if (isTooDeep(input.text)) {
    unreadable('The file cannot be read as YAML: it is nested too deeply.', shallow);
    return { root: null, problems };
  }
  try {
    const lines = new LineCounter();
    const document = parsed(input.text, lines);
    if (document.errors.some(({ message }) => message.includes('call stack'))) throw new RangeError();
    for (const error of document.errors.slice(0, maxErrors)) {
      unreadable(
        `This is not YAML: ${error.message}`,
        'Correct the YAML here; quote a text that has `: `, `#` or brackets in it.',
        placeOf(lines, input.file, error.pos[0]),
      );
    }
    if (problems.length > 0) return { root: null, problems };
    const root = new Locator(input, document, lines, problems).read(document.contents, '', 0, top);
    return { root, problems };
  } catch (thrown) {
    const reason = thrown instanceof RangeError ? 'it is nested too deeply' : String(thrown);
    unreadable(`The file cannot be read as YAML: ${reason}.`, shallow);
    return { root: null, problems };
  }
}

const shallow = 'Write plain, shallow YAML.';

function parsed(text: string, lineCounter: LineCounter): Document {
  const { stackTraceLimit } = Error;
  // A broken file makes an error of each line, and their stacks would take more memory than the file.
  Error.stackTraceLimit = 0;
  try {
    // Keys that are there twice are found by the Locator, in a time that does not grow with their square.
    const options = {
      prettyErrors: false,
      logLevel: 'silent',
      stringKeys: false,
      uniqueKeys: false,
    } as const;
    return parseDocument(text, { lineCounter, ...options });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Open brackets that no real file has, in texts neither: the parser would look at each of them again and again. */
function isTooDeep(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
    if (open > 4 * maxDepth) return true;
  }
  return false;
}

function placeOf(lines: LineCounter, file: string, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}

/** Turns the parser's nodes into located values: aliases followed, variables put in, sizes bounded. */
class Locator {
  readonly #input: YamlInput;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #problems: Problem[];
  #nodes = 0;
  #aliases = 0;
  #tooLarge = false;

  constructor(input: YamlInput, document: Document, lines: LineCounter, problems: Problem[]) {
    this.#input = input;
    this.#document = document;
    this.#lines = lines;
    this.#problems = problems;
  }

  read(node: unknown, path: string, depth: number, near: Place): Located {
    const at = this.#place(node, near);
    this.#nodes += 1;
    if (this.#nodes > maxNodes || depth > maxDepth) {
      if (!this.#tooLarge) this.#complain(at, path, 'The file is too large or refers to itself.');
      this.#tooLarge = true;
      return { kind: 'scalar', value: null, at };
    }
    if (isAlias(node)) return this.#alias(node, path, depth, at);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.read(item, joinPath(path, index), depth + 1, at));
      return { kind: 'list', items, at };
    }
    if (isMap(node)) return this.#map(node.items, path, depth, at);
    return this.#scalar(isScalar(node) ? node.value : null, path, at);
  }

  #alias(node: Alias, path: string, depth: number, at: Place): Located {
    this.#aliases += 1;
    if (this.#aliases > maxAliases) this.#nodes = maxNodes;
    const target = node.resolve(this.#document);
    if (target === undefined) {
      this.#complain(at, path, `The alias *${node.source} names nothing.`);
      return { kind: 'scalar', value: null, at };
    }
    return this.read(target, path, depth + 1, at);
  }

  #map(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    path: string,
    depth: number,
    at: Place,
  ): Located {
    const entries = new Map<string, { key: Place; value: Located }>();
    for (const pair of pairs) {
      const key = this.#place(pair.key, at);
      const name = isScalar(pair.key) ? String(pair.key.value ?? '') : null;
      if (name === null) {
        this.#complain(key, path, 'A key is a list, a mapping or an alias.');
        continue;
      }
      if (entries.has(name)) this.#complain(key, joinPath(path, name), `The key "${name}" is there twice.`);
      const value = this.read(pair.value, joinPath(path, name), depth + 1, key);
      entries.set(name, { key, value });
    }
    return { kind: 'map', entries, at };
  }

  #scalar(value: unknown, path: string, at: Place): Located {
    if (typeof value === 'string') {
      return {
        kind: 'scalar',
        ...expandEnv(value, { env: this.#input.env, at, path, problems: this.#problems }),
        at,
      };
    }
    if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
      return { kind: 'scalar', value, at };
    }
    if (value !== undefined) this.#complain(at, path, 'A value of this YAML type has no meaning here.');
    return { kind: 'scalar', value: null, at };
  }

  #place(node: unknown, near: Place): Place {
    const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
    return range?.[0] === undefined ? near : placeOf(this.#lines, this.#input.file, range[0]);
  }

  #complain(at: Place, path: string, message: string): void {
    const remedy = 'Write it as plain YAML: texts, numbers, true and false, lists and mappings.';
    this.#problems.push(problemAt(at, { code: 'config-yaml', message, path, remedy }));
  }
}
