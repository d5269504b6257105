import { execFile } from 'node:child_process';
import { mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Journal, NewEvent } from '../src/journal/journal.ts';
import { openSqliteJournal } from '../src/journal/sqlite-journal.ts';
import { type BenchResult, resultOf } from './bench.ts';
import type { Opening } from './journal-opening.ts';
import { rolloutEvents } from './rollout-events.ts';

const wantedEvents = 1_000_000;
const targets = 100;
/** Each waits for the acknowledgement of its event before it appends the next one. */
const writers = 4_000;
const appendMs = 6_000;
const syncMs = 2_000;

/** Acknowledged appends beside what the disk can sync, and how soon a controller has its state from a million events. */
export async function bench(): Promise<BenchResult> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'sluice-bench-')));
  try {
    const events = rolloutEvents(wantedEvents / targets);
    const syncsBefore = await syncRate(join(directory, 'sync'));
    const appendsPerSecond = await appendRate(join(directory, 'appends'), events);
    const fsyncsPerSecond = (syncsBefore + (await syncRate(join(directory, 'sync')))) / 2;
    const million = join(directory, 'million');
    const filledMs = await fill(million, events);
    const first = await openIn(million);
    const next = await openIn(million);
    return resultOf(
      [
        {
          key: 'appendsPerSecond',
          value: appendsPerSecond,
          relation: '>=',
          limit: Math.min(20_000, 50 * fsyncsPerSecond),
        },
        { key: 'fsyncsPerSecond', value: fsyncsPerSecond, relation: '>=', limit: 0 },
        { key: 'openMs', value: next.openMs, relation: '<=', limit: 3_000 },
      ],
      [
        `${writers} writers, each waiting for its own acknowledgement; ${(appendsPerSecond / fsyncsPerSecond).toFixed(0)} appends for each fsync that the disk does`,
        `${first.events} events of ${targets} targets, written in ${(filledMs / 1_000).toFixed(1)} s (${Math.round((1_000 * first.events) / filledMs)} events/s)`,
        ...[lineOf('first opening, nothing remembered', first), lineOf('any later one', next)],
      ],
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function lineOf(what: string, { openMs, journalMs, rssMb }: Opening): string {
  return `${what}: ${openMs.toFixed(0)} ms, of these ${journalMs.toFixed(0)} ms until the journal is open; ${rssMb.toFixed(0)} MB`;
}

/** Writes of 4 KiB, each followed by fsync, a second. */
async function syncRate(path: string): Promise<number> {
  await using file = await open(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  const begun = performance.now();
  let syncs = 0;
  for (; performance.now() - begun < syncMs; syncs += 1) {
    await file.write(page);
    await file.sync();
  }
  return (1_000 * syncs) / (performance.now() - begun);
}

async function appendRate(directory: string, events: readonly NewEvent[]): Promise<number> {
  const journal = await openSqliteJournal({ directory });
  const begun = performance.now();
  const appended = await Promise.all(
    Array.from({ length: writers }, (_, index) =>
      write(journal, { stream: `target/web@bench-${index}`, events, until: begun + appendMs }),
    ),
  );
  const rate = (1_000 * appended.reduce((sum, one) => sum + one, 0)) / (performance.now() - begun);
  await journal.close();
  return rate;
}

/** Resolves with how many events were acknowledged. */
async function write(
  journal: Journal,
  {
    stream,
    events,
    until,
  }: { readonly stream: string; readonly events: readonly NewEvent[]; readonly until: number },
): Promise<number> {
  let version = 0;
  for (; performance.now() < until; version += 1) {
    const { kind } = await journal.append(stream, version, [events[version % events.length] as NewEvent]);
    if (kind !== 'appended') throw new Error(`an append to ${stream} came back ${kind}`);
  }
  return version;
}

/** Every target gets the same events. Resolves with how long it took, ms. */
async function fill(directory: string, events: readonly NewEvent[]): Promise<number> {
  const journal = await openSqliteJournal({ directory });
  const begun = performance.now();
  const atOnce = 100;
  for (let from = 0; from < events.length; from += atOnce) {
    const some = events.slice(from, from + atOnce);
    await Promise.all(
      Array.from({ length: targets }, (_, index) => journal.append(`target/web@bench-${index}`, from, some)),
    );
  }
  await journal.close();
  return performance.now() - begun;
}

/** In a process of its own, as a controller that starts. */
async function openIn(directory: string): Promise<Opening> {
  const entry = join(import.meta.dirname, 'journal-opening.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [entry, directory]);
  return JSON.parse(stdout) as Opening;
}
