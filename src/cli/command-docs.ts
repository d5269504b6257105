import type { Command } from 'commander';
import { exitCodes } from './guidance.ts';

/** docs/commands.md, from the very help that the commands print. */
export function commandDocs(program: Command): string {
  const sections = program.commands.flatMap((command) => sectionsOf(command, 'sluice'));
  return [
    '# Commands',
    '',
    'Written by `npx node scripts/write-command-docs.ts` from what `sluice <command> --help` prints.',
    '',
    'With `--json` the answer is JSON on standard output, one value a line; an error is `{"error":{"code","message","remedy"}}`',
    'there. Without it, answers go to standard output and errors to standard error.',
    '',
    '| exit code | meaning |',
    '| --- | --- |',
    ...exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    ...sections,
  ].join('\n');
}

function sectionsOf(command: Command, parent: string): readonly string[] {
  const path = `${parent} ${command.name()}`;
  if (command.name().startsWith('__')) return [];
  if (command.commands.length > 0) return command.commands.flatMap((sub) => sectionsOf(sub, path));
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  const lines = text.split('\n').map((line) => line.trimEnd());
  return [
    `## ${path}`,
    '',
    '```',
    ...lines.slice(0, lines.findLastIndex((line) => line !== '') + 1),
    '```',
    '',
  ];
}
