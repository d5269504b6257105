import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { findProject } from '../../daemon/project-place.ts';
import { type Names, projectNames } from './project-names.ts';

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/**
 * What may stand in the place of the last of `words`, which are those after `sluice`; the last may be empty. Asks nobody:
 * names come from sluice.yml and the state directory. Never rejects, for a shell would print the error into the line.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  directory: string,
): Promise<readonly Candidate[]> {
  const last = words.at(-1) ?? '';
  const { command, waiting, given } = follow(program, words.slice(0, -1));
  const all =
    waiting !== null
      ? await valuesOf(waiting.attributeName(), directory)
      : last.startsWith('-')
        ? optionsOf(command)
        : [...commandsOf(command), ...(await argumentOf(command, given, directory))];
  return all.filter(({ word }) => word.startsWith(last));
}

interface Followed {
  readonly command: Command;
  /** The option whose value is next; null when none waits. */
  readonly waiting: Option | null;
  /** Arguments that stand there already. */
  readonly given: number;
}

function follow(program: Command, words: readonly string[]): Followed {
  let command = program;
  let waiting: Option | null = null;
  let given = 0;
  for (const word of words) {
    if (waiting !== null) waiting = null;
    else if (word.startsWith('-')) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      waiting = option?.required || option?.optional ? option : null;
    } else {
      const sub: Command | undefined = command.commands.find((one) => one.name() === word);
      if (sub === undefined) given += 1;
      else [command, given] = [sub, 0];
    }
  }
  return { command, waiting, given };
}

function commandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => ({ word: sub.name(), about: sub.description() }));
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', about: description }));
}

async function argumentOf(command: Command, given: number, directory: string): Promise<readonly Candidate[]> {
  const argument = command.registeredArguments[given];
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return argument.argChoices.map((word) => ({ word, about: '' }));
  return valuesOf(argument.name(), directory);
}

/** By the name of an option or an argument. */
async function valuesOf(name: string, directory: string): Promise<readonly Candidate[]> {
  try {
    const { file, root, stateDir } = findProject(directory);
    if (name === 'unit') return named(await unitsOf(root, stateDir), 'unit');
    const names: Names = projectNames(await readFile(file, 'utf8'));
    if (name === 'service') return named(names.services, 'service');
    if (name === 'to') return named(names.environments, 'environment');
    if (name === 'role') return named(names.roles, 'role');
  } catch {
    // Outside a project there are no names; the shell goes on with its own.
  }
  return [];
}

function named(words: readonly string[], about: string): readonly Candidate[] {
  return [...new Set(words)].sort().map((word) => ({ word, about }));
}

/** Of the artifacts that were added, and of the reports that QA wrote. */
async function unitsOf(root: string, stateDir: string): Promise<readonly string[]> {
  const records = join(stateDir, 'artifacts', 'records');
  const files = await readdir(records).catch(() => []);
  const added = await Promise.all(
    files
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => unitsIn(await readFile(join(records, name), 'utf8').catch(() => ''))),
  );
  const reports = (await readdir(join(root, 'QA')).catch(() => [])).flatMap((name) => {
    const [, unit] = /^QA-Report-(.+)\.md$/.exec(name) ?? [];
    return unit === undefined ? [] : [unit];
  });
  return [...added.flat(), ...reports];
}

function unitsIn(record: string): readonly string[] {
  return [...record.matchAll(/"unit"\s*:\s*"([^"\\]+)"/g)].map(([, unit = '']) => unit);
}
