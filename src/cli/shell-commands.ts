import { Argument, type Command } from 'commander';

/** What makes the shell know Sluice. */
export function shellCommands(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options, services, environments and units')
    .addArgument(new Argument('<shell>', 'the shell it is for').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('./completion/completion-script.ts');
      process.stdout.write(completionScript(shell));
    });

  program
    .command('__complete', { hidden: true })
    .description('asked by the completion scripts: one candidate a line, with a tab before what it means')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      const { complete } = await import('./completion/complete.ts');
      const found = await complete(program, words, process.cwd());
      process.stdout.write(found.map(({ word, about }) => `${word}\t${about}\n`).join(''));
    });
}
