import { type Problems, shortened } from './problem.ts';

/** Where a text holds a shorthand of a schema: from its first brace, or from the word `schema` before it. */
export function shorthandIn(text: string): { readonly text: string; readonly from: number } | null {
  const word = /\(?\s*(?:JSON\s*[,;:]?\s*)?(?:with\s+)?\bschemas?\b[^{[]{0,60}(?=[{[])/i.exec(text);
  const brace = word === null ? text.search(/\{\s*["'}]/) : word.index + word[0].length;
  if (brace < 0) return null;
  return { text: balanced(text, brace), from: word?.index ?? brace };
}

/** From a bracket to the one that closes it; to the end of the text where none does. */
function balanced(text: string, from: number): string {
  let depth = 0;
  let quote = false;
  for (let index = from; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character === '"' && text[index - 1] !== '\\') quote = !quote;
    else if (quote) continue;
    else if ('{['.includes(character)) depth += 1;
    else if ('}]'.includes(character)) {
      depth -= 1;
      if (depth === 0) return text.slice(from, index + 1);
    }
  }
  return text.slice(from);
}

/** `{"a": string, "b": [string], "c": {…}}` as JSON Schema: every key that is named is required but for one with a `?`, what `…` leaves open may
 * be anything of its kind. Null, and a problem, for what cannot be read. */
export function readShorthand(text: string, line: number, problems: Problems): unknown {
  const reader = new ShorthandReader(text);
  try {
    const schema = reader.value(0);
    reader.end();
    return schema;
  } catch (error) {
    if (!(error instanceof ShorthandError)) throw error;
    problems.add(
      'schema-not-understood',
      line,
      `the schema "${shortened(text)}" cannot be read: ${error.message}`,
      'Write it like {"name": string, "items": [string], "more": {…}}.',
    );
    return null;
  }
}

class ShorthandError extends Error {}

const words: Readonly<Record<string, unknown>> = {
  string: { type: 'string' },
  str: { type: 'string' },
  text: { type: 'string' },
  number: { type: 'number' },
  float: { type: 'number' },
  integer: { type: 'integer' },
  int: { type: 'integer' },
  boolean: { type: 'boolean' },
  bool: { type: 'boolean' },
  object: { type: 'object' },
  array: { type: 'array' },
  list: { type: 'array' },
  any: {},
  null: { type: 'null' },
  date: { type: 'string' },
  datetime: { type: 'string' },
};

class ShorthandReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > 50) throw new ShorthandError('it is nested more than fifty deep');
    this.#blank();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    const schema = this.#word();
    this.#blank();
    if (this.#text[this.#at] !== '|') return schema;
    this.#at += 1;
    return { anyOf: [schema, this.value(depth + 1)] };
  }

  end(): void {
    this.#blank();
    if (this.#at < this.#text.length)
      throw new ShorthandError(`"${this.#text.slice(this.#at, this.#at + 20)}" is left over`);
  }

  #object(depth: number): unknown {
    this.#at += 1;
    const entries: [string, unknown][] = [];
    const optional = new Set<string>();
    for (;;) {
      this.#blank();
      if (this.#take('}')) break;
      if (this.#take(',') || this.#dots()) continue;
      const key = this.#key();
      if (this.#mark()) optional.add(key);
      this.#blank();
      if (!this.#take(':')) {
        entries.push([key, {}]);
        continue;
      }
      entries.push([key, this.value(depth + 1)]);
      if (this.#mark()) optional.add(key);
    }
    if (entries.length === 0) return { type: 'object' };
    const required = entries.map(([key]) => key).filter((key) => !optional.has(key));
    return {
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(entries),
    };
  }

  #array(depth: number): unknown {
    this.#at += 1;
    const items: unknown[] = [];
    for (;;) {
      this.#blank();
      if (this.#take(']')) break;
      if (this.#take(',') || this.#dots()) continue;
      items.push(this.value(depth + 1));
    }
    if (items.length === 0) return { type: 'array' };
    return { type: 'array', items: items.length === 1 ? items[0] : { anyOf: items } };
  }

  #key(): string {
    const match = /["“']([^"”']{1,200})["”']|([\w$.-]+)/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (found === null) throw new ShorthandError(this.#expected('a key'));
    this.#at = match.lastIndex;
    return found[1] ?? found[2] ?? '';
  }

  /** `string`, `"string"`, or an example: `5`, `"load"`, `true`. */
  #word(): unknown {
    const match = /"((?:[^"\\]|\\.){0,500})"|'([^']{0,500})'|([\w.$-]+(?:\[\])?)|(\.\.\.|…)/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (found === null) throw new ShorthandError(this.#expected('a type'));
    this.#at = match.lastIndex;
    const [, double, single, bare, dots] = found;
    if (dots !== undefined) return {};
    const name = (double ?? single ?? bare ?? '').toLowerCase();
    if (name.endsWith('[]')) return { type: 'array', items: words[name.slice(0, -2)] ?? {} };
    if (Object.hasOwn(words, name)) return words[name];
    if (double !== undefined || single !== undefined) return { type: 'string' };
    if (/^-?\d+(?:\.\d+)?$/.test(name)) return { type: 'number' };
    return name === 'true' || name === 'false' ? { type: 'boolean' } : {};
  }

  #take(character: string): boolean {
    if (this.#at >= this.#text.length) throw new ShorthandError('a closing bracket is missing');
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  /** `a?: string` and `a: string?` need not be there. */
  #mark(): boolean {
    if (this.#text[this.#at] !== '?') return false;
    this.#at += 1;
    return true;
  }

  #dots(): boolean {
    const match = /\.\.\.|…/y;
    match.lastIndex = this.#at;
    if (!match.test(this.#text)) return false;
    this.#at = match.lastIndex;
    return true;
  }

  #blank(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #expected(what: string): string {
    return `${what} is expected at "${this.#text.slice(this.#at, this.#at + 20)}"`;
  }
}
