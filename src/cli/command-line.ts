import { Command } from 'commander';
import { version } from '../daemon/version.ts';
import { deploymentCommands } from './deployment-commands.ts';
import { tellError } from './output.ts';
import { projectCommands } from './project-commands.ts';
import { serverCommands } from './server-commands.ts';

/** Reads the command line and does what it says. Exit code 1: it did not succeed; 2: it was not understood. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('sluice')
    .description(
      'Lets a QA-approved build into production one gate at a time, and takes it back by itself when it is bad.',
    )
    .version(version)
    .showHelpAfterError('(`sluice --help` lists the commands)')
    .exitOverride();
  projectCommands(program);
  deploymentCommands(program);
  serverCommands(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('commander.')) {
      process.exitCode = (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
      return;
    }
    tellError(error, argv.includes('--json'));
  }
}
