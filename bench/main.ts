import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isErrorFacts } from '../src/base/sluice-error.ts';
import type { BenchResult } from './bench.ts';

const planned = [
  'false-rollbacks',
  'detection',
  'low-traffic',
  'taken-back',
  'zero-failures',
  'cold-status',
  'harmed',
  'controller-scale',
  'journal',
  'idle',
  'streams',
  'chaos',
  'simulator',
  'router',
  'router-latency',
  'cheater',
  'step-overhead',
  'reading',
  'resume',
] as const;

process.exitCode = await main(process.argv.slice(2));

/**
 * Exit code 0 when what was asked is reached, 1 when it is not or there is no such bench. A peer that this machine does not
 * have is nobody's failure unless `--require-peer` is given.
 */
async function main(args: readonly string[]): Promise<number> {
  const known = planned.filter((name) => existsSync(fileOf(name)));
  const wanted = read(args);
  const name = known.find((each) => each === wanted?.name);
  if (wanted === null || name === undefined) {
    console.error(`${wanted?.name === undefined ? 'Name a bench' : `No bench "${wanted.name}"`}.`);
    console.error(
      `Usage: npm run bench -- NAME [--json] [--require-peer], where NAME is one of ${known.join(', ')}.`,
    );
    return 1;
  }
  const { bench, takes = [] }: BenchModule = await import(fileOf(name).href);
  const stray = Object.keys(wanted.options).find((option) => !takes.includes(option));
  if (stray !== undefined) {
    console.error(`The bench "${name}" takes no --${stray}.`);
    return 1;
  }
  const result = await bench(wanted.options).catch((error: unknown) => {
    if (!isErrorFacts(error)) throw error;
    console.error(`${error.message} ${error.remedy}`);
    return null;
  });
  if (result === null) return 1;
  const { lines, noPeer, ok, figures, required } = result;
  for (const line of lines) console.log(line);
  if (wanted.json)
    console.log(JSON.stringify({ bench: name, ok, figures, required, ...(noPeer && { noPeer }) }));
  return ok || (noPeer !== undefined && !wanted.requirePeer) ? 0 : 1;
}

function fileOf(name: string): URL {
  return new URL(`./${name}.ts`, import.meta.url);
}

interface BenchModule {
  readonly bench: (options: Options) => Promise<BenchResult>;
  /** The options that it knows. */
  readonly takes?: readonly string[];
}

type Options = Readonly<Record<string, string>>;

interface Wanted {
  readonly name: string | undefined;
  /** Those given of `requests`, `minutes` and `seed`. */
  readonly options: Options;
  readonly json: boolean;
  readonly requirePeer: boolean;
}

/** Null where the arguments cannot be understood. */
function read(args: readonly string[]): Wanted | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        'require-peer': { type: 'boolean', default: false },
        requests: { type: 'string' },
        minutes: { type: 'string' },
        seed: { type: 'string' },
      },
      allowPositionals: true,
    });
    if (positionals.length > 1) return null;
    const { json, 'require-peer': requirePeer, ...options } = values;
    return { name: positionals[0], json, requirePeer, options };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}
