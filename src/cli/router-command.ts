import type { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { prepareState } from '../daemon/project-place.ts';
import type { RouterFacts, UpgradePlan } from '../ports/traffic/upgrade-router.ts';
import { outputOf } from './output.ts';
import { placeOf } from './place-of.ts';

interface RouterCommandOptions {
  readonly config?: string;
  readonly upgrade?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** The data plane: in the foreground, or a new one in the place of the running one. */
export function routerCommand(program: Command): void {
  program
    .command('router')
    .description('run the router in the foreground; the controller starts one by itself')
    .option('--config <file>', 'sluice.yml to use')
    .option(
      '--upgrade',
      'put one of this version, with the engine of sluice.yml, in the place of the running one',
    )
    .option('--dry-run', 'with --upgrade: print what would be put in the place of what; change nothing')
    .option('--json', 'with --upgrade: one line of JSON')
    .action(async (options: RouterCommandOptions, command: Command) => {
      if (options.upgrade) return upgrade(options);
      if (options.json || options.dryRun) command.error('error: --dry-run and --json belong to --upgrade');
      const place = placeOf(options);
      await prepareState(place);
      const { keepRouterSettings } = await import('../daemon/keep-router-settings.ts');
      await keepRouterSettings(place);
      const { runRouter } = await import('../router/main-router.ts');
      await runRouter({ stateDir: place.stateDir });
    });
}

async function upgrade(options: RouterCommandOptions): Promise<void> {
  const place = placeOf(options);
  const { settingsOf, keepRouterSettings } = await import('../daemon/keep-router-settings.ts');
  const { planUpgrade, upgradeRouter } = await import('../ports/traffic/upgrade-router.ts');
  const asked = { stateDir: place.stateDir, clock: systemClock };
  const { from, to } = await planUpgrade(asked);
  if (options.dryRun) {
    const plan = { from, to: { ...to, ...(await settingsOf(place)) } };
    return outputOf(options).answer(plan, `Would put ${told(plan.to)} in the place of ${told(plan.from)}.`);
  }
  await keepRouterSettings(place);
  const done = await upgradeRouter(asked);
  outputOf(options).answer(done, said(done));
}

function said({ from, to }: UpgradePlan): string {
  return `${told(to)} serves in the place of ${told(from)}. What began there ends there.`;
}

function told({ version, engine, pid }: RouterFacts & { readonly pid?: number }): string {
  const facts = [`${engine ?? 'unknown'} engine`, ...(pid === undefined ? [] : [`pid ${pid}`])];
  return `router ${version ?? 'of an unknown version'} (${facts.join(', ')})`;
}
