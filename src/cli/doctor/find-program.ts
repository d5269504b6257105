import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What a shell does itself, or what only it can tell. */
const shellWords = new Set(
  '. : [ alias break case cd command continue echo eval exec exit export false for if printf pwd read return set shift test time trap true type ulimit umask unset until wait while { ( !'.split(
    ' ',
  ),
);

/** The program that a shell command begins with; null when the shell decides that. */
export function programOf(command: string): string | null {
  const words = command.trim().split(/\s+/);
  const first = words.find((word) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(word) && word !== 'exec') ?? '';
  if (first === '' || shellWords.has(first) || /[$`'"(){}|&;<>*?]/.test(first)) return null;
  return first;
}

/** Why the program of a shell command cannot be run; null when it is there, or comes with the artifact. */
export async function programProblem(command: string, root: string): Promise<string | null> {
  const program = programOf(command);
  if (program === null) return null;
  if (program.startsWith('/')) return (await runs(program)) ? null : `${program} is not there or no program`;
  if (program.includes('/')) return null;
  const places = [...(process.env.PATH ?? '').split(delimiter), join(root, 'node_modules', '.bin')];
  for (const place of places) if (place !== '' && (await runs(join(place, program)))) return null;
  return `no "${program}" is on the PATH: ${command}`;
}

function runs(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
