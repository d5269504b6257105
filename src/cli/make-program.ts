import { Command, Help, type Option } from 'commander';
import { version } from '../daemon/version.ts';
import { deploymentCommands } from './deployment-commands.ts';
import { exitCodes, groups, guidance } from './guidance.ts';
import { mcpCommand } from './mcp-command.ts';
import { projectCommands } from './project-commands.ts';
import { serverCommands } from './server-commands.ts';
import { shellCommands } from './shell-commands.ts';
import { workflowCommands } from './workflow-commands.ts';
import { wrapped } from './wrapped.ts';

/** Every command with its options and its help. */
export function makeProgram(): Command {
  const program = new Command('sluice')
    .description(
      'Lets a QA-approved build into production one gate at a time, and takes it back by itself when it is bad.',
    )
    .version(version, '-V, --version', 'the version of Sluice')
    .helpOption('-h, --help', 'this help')
    .helpCommand('help [command]', 'this help, or that of a command')
    .commandsGroup('Shell:');
  projectCommands(program);
  deploymentCommands(program);
  serverCommands(program);
  workflowCommands(program);
  mcpCommand(program);
  shellCommands(program);
  for (const command of program.commands) teach(command, command.name());
  const place = (command: Command) => groups.indexOf(guidance[command.name()]?.group ?? 'Shell');
  (program.commands as Command[]).sort((one, other) => place(one) - place(other));
  const codes = exitCodes.flatMap(([code, meaning]) =>
    wrapped(meaning, { head: `  ${String(code).padEnd(5)}`, indent: '       ' }),
  );
  const more = ['Exit codes:', ...codes, '', '`sluice <command> --help` explains a command, with examples.'];
  return settle(program.addHelpText('after', `\n${more.join('\n')}`));
}

/** The path of a command after `sluice`: `artifact add`. */
function teach(command: Command, path: string): void {
  for (const sub of command.commands) teach(sub, `${path} ${sub.name()}`);
  const known = guidance[path];
  if (known === undefined) return;
  command.helpGroup(`${known.group}:`).helpOption('-h, --help', 'this help').helpCommand(false);
  const more = known.more === undefined ? [] : ['', ...wrapped(known.more, { head: '', indent: '' })];
  const examples = known.examples.map((example) => `  $ ${example}`);
  command.addHelpText('after', [...more, '', 'Examples:', ...examples].join('\n'));
}

/** Commander copies such settings to commands only when it makes them itself. */
function settle(command: Command): Command {
  command
    .configureHelp({ subcommandTerm, optionDescription })
    .showHelpAfterError(`(\`${pathOf(command)} --help\` explains it)`)
    .exitOverride();
  for (const sub of command.commands) settle(sub);
  return command;
}

/** Without `[options]`, which nearly all have: the descriptions need the columns. */
function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((one) => {
    const name = one.variadic ? `${one.name()}...` : one.name();
    return one.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(' ');
}

function optionDescription(option: Option): string {
  return new Help().optionDescription(option) + (option.mandatory ? ' (required)' : '');
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
