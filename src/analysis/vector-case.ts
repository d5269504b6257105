import { SluiceError } from '../base/sluice-error.ts';

/** One numeric case: what goes in, and what a kind must make of it. */
export interface VectorCase {
  readonly name: string;
  readonly kind: string;
  readonly input: Fields;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Members of a case's input by name; each reader throws `vector-malformed` for another shape. */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.#members = members;
  }

  number(name: string, fallback?: number): number {
    const value = this.#members[name] ?? fallback;
    return typeof value === 'number' ? value : malformed(`\`${name}\` is not a number`);
  }

  word<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.#members[name];
    return words.find((word) => word === value) ?? malformed(`\`${name}\` is none of ${words.join(', ')}`);
  }

  flag(name: string): boolean {
    const value = this.#members[name];
    return typeof value === 'boolean' ? value : malformed(`\`${name}\` is neither true nor false`);
  }

  object(name: string): Fields {
    return new Fields(asRecord(this.#members[name], `\`${name}\``));
  }

  numbers(name: string): readonly number[] {
    return numbersOf(this.#members[name], name);
  }

  /** A list of lists of numbers, each at least `width` long. */
  rows(name: string, width: number): readonly (readonly number[])[] {
    return this.list(name).map((row) => {
      const numbers = numbersOf(row, name);
      return numbers.length >= width
        ? numbers
        : malformed(`a row of \`${name}\` has fewer than ${width} numbers`);
    });
  }

  list(name: string): readonly unknown[] {
    const value = this.#members[name];
    return Array.isArray(value) ? value : malformed(`\`${name}\` is not a list`);
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined && this.#members[name] !== null;
  }
}

/** Reads a file of cases. Throws `vector-malformed` with what is wrong and in which case. */
export function parseVectors(text: string): readonly VectorCase[] {
  const file = asRecord(parseJson(text), 'the file');
  if (!Array.isArray(file.cases)) malformed('the file has no list `cases`');
  const cases: readonly unknown[] = file.cases;
  return cases.map((entry, index) => {
    const where = `case ${index + 1}`;
    const { name, kind, input, expected } = asRecord(entry, where);
    if (typeof name !== 'string' || typeof kind !== 'string')
      malformed(`${where} has no \`name\` or no \`kind\``);
    return {
      name,
      kind,
      input: new Fields(asRecord(input, `\`input\` of ${where}`)),
      expected: asRecord(expected, `\`expected\` of ${where}`),
    };
  });
}

export function numbersOf(value: unknown, name: string): readonly number[] {
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'number');
  return isList ? value : malformed(`\`${name}\` does not hold lists of numbers`);
}

export function malformed(what: string): never {
  throw new SluiceError({
    code: 'vector-malformed',
    message: `Not a vector file: ${what}.`,
    remedy: 'The file is one JSON object with `cases`, each with `name`, `kind`, `input` and `expected`.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return malformed(`it is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

function asRecord(value: unknown, what: string): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : malformed(`${what} is not an object`);
}
