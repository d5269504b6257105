import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { parseServiceName, parseUnitId } from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import { explainConfig } from '../config/explain-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { prepareState } from '../daemon/project-place.ts';
import { configInvalid, readConfig } from '../daemon/read-config.ts';
import { verifyJournalFile } from '../journal/verify-journal.ts';
import { openArtifactStore } from '../ports/artifact/directory-store.ts';
import { readCommit } from '../ports/artifact/read-commit.ts';
import { certificateProblems } from './certificate-problems.ts';
import { outputOf } from './output.ts';
import { placeOf } from './place-of.ts';

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}

export async function config(options: Common): Promise<void> {
  const output = outputOf(options);
  const loaded = await loadConfig(placeOf(options).file, { env: process.env });
  const problems = loaded.ok ? await certificateProblems(loaded, systemClock.now()) : loaded.problems;
  if (!loaded.ok || problems.length > 0) {
    process.exitCode = 1;
    const { code, message, remedy } = configInvalid(problems);
    output.answer(
      { ok: false, error: { code, message, remedy }, problems },
      problems
        .map(
          ({ file, line, column, message, remedy }) =>
            `${file}:${line}:${column} ${message}\n    → ${remedy}`,
        )
        .join('\n'),
    );
    return;
  }
  const lines = explainConfig(loaded.config, loaded.origins);
  output.answer(
    {
      ok: true,
      config: loaded.config,
      origins: Object.fromEntries(loaded.origins),
      warnings: loaded.warnings,
    },
    [
      ...lines.map(
        ({ path, value, origin }) =>
          `${path}: ${typeof value === 'string' ? value : JSON.stringify(value)}  # ${origin}`,
      ),
      ...loaded.warnings.map(
        ({ file, line, message, remedy }) => `# warning ${file}:${line} ${message} → ${remedy}`,
      ),
    ].join('\n'),
  );
}

export async function addArtifact(
  path: string,
  options: Common & {
    readonly service: string;
    readonly unit: string;
    readonly commit?: string;
    readonly as?: string;
  },
): Promise<void> {
  const place = placeOf(options);
  await prepareState(place);
  const { services, reports } = await readConfig(place.file);
  const service = parseServiceName(options.service);
  if (!services.some(({ name }) => name === service)) {
    throw new SluiceError({
      code: 'service-unknown',
      message: `sluice.yml has no service "${service}".`,
      remedy: `It has: ${services.map(({ name }) => name).join(', ')}.`,
    });
  }
  const source = resolve(path);
  const read = await readCommit(place.root, { except: [source, place.stateDir, 'QA', reports] });
  const record = await openArtifactStore({ stateDir: place.stateDir, clock: systemClock }).add({
    path: source,
    service,
    unit: parseUnitId(options.unit),
    version: options.as ?? null,
    commit: options.commit ?? read.commit,
    dirty: options.commit === undefined && read.dirty,
    at: systemClock.now(),
    by: userInfo().username,
  });
  outputOf(options).answer(
    record,
    [
      `${record.digest}  ${record.files} files, ${record.bytes} bytes`,
      `  commit ${record.commit ?? 'none'}${record.dirty ? ' (the tree has changes: it cannot stand for the commit)' : ''}`,
    ].join('\n'),
  );
}

export async function listArtifacts(options: Common): Promise<void> {
  const records = await openArtifactStore({ stateDir: placeOf(options).stateDir, clock: systemClock }).list(
    {},
  );
  outputOf(options).answer(
    records,
    records
      .map(
        ({ digest, service, units, version }) =>
          `${digest}  ${service}  ${version ?? '-'}  ${units.join(', ')}`,
      )
      .join('\n') || 'No artifacts yet.',
  );
}

export async function verifyJournal(options: Common): Promise<void> {
  const result = await verifyJournalFile(join(placeOf(options).stateDir, 'journal'));
  if (!result.ok) process.exitCode = 1;
  outputOf(options).answer(
    result,
    result.ok
      ? `In order: ${result.events} events in ${result.streams} streams.`
      : `✖ ${result.code}: ${result.problem}`,
  );
}
