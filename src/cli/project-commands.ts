import type { Command } from 'commander';
import type { InitOptions } from './init.ts';

type Actions = typeof import('./project-actions.ts');
type Given<Name extends keyof Actions> = Parameters<Actions[Name]>;

/** Commands on files: they need no controller. */
export function projectCommands(program: Command): void {
  program
    .command('init')
    .description('look at this directory and write a sluice.yml')
    .option('--force', 'write over an existing one')
    .option('--yes', 'ask nothing; questions are asked on a terminal only')
    .option('--dry-run', 'print it only')
    .option('--json', 'one line of JSON; asks nothing')
    .action(async (options: InitOptions) => {
      const { init } = await import('./init.ts');
      await init(options);
    });

  program
    .command('config')
    .description('check sluice.yml and print it filled in, with where each value came from')
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON')
    .action(async (...given: Given<'config'>) => (await actions()).config(...given));

  const artifact = program.command('artifact').description('build outputs, by the digest of their content');
  artifact
    .command('add <path>')
    .description('store a build output for a unit that QA judges')
    .requiredOption('--service <name>', 'service it belongs to')
    .requiredOption('--unit <id>', 'unit of work, as QA names it')
    .option('--commit <id>', 'commit it was built from; read from the repository by default')
    .option('--as <version>', 'version that people call it; the package.json in it says by default')
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON')
    .action(async (...given: Given<'addArtifact'>) => (await actions()).addArtifact(...given));
  artifact
    .command('list')
    .description('stored artifacts, newest first')
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON')
    .action(async (...given: Given<'listArtifacts'>) => (await actions()).listArtifacts(...given));

  program
    .command('journal')
    .description('the record of everything that was decided')
    .command('verify')
    .description('find a changed, missing or reordered event and a cut-off tail')
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON')
    .action(async (...given: Given<'verifyJournal'>) => (await actions()).verifyJournal(...given));
}

/** Read when one of them runs: `sluice status` must not wait for the parsers of YAML and JSON Schema. */
async function actions(): Promise<Actions> {
  return import('./project-actions.ts');
}
