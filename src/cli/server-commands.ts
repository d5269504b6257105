import type { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import type { RunningProcesses } from '../daemon/running-processes.ts';
import { workPlace } from '../daemon/work-place.ts';
import type { InstallOptions } from './install/install-service.ts';
import { outputOf, tellError } from './output.ts';
import { placeOf, stateOf } from './place-of.ts';
import { routerCommand } from './router-command.ts';

interface ServeOptions extends InstallOptions {
  readonly root?: string;
  readonly install?: boolean;
  readonly uninstall?: boolean;
  readonly user?: boolean;
}

/** The processes that stay: controller and router, and how they end. */
export function serverCommands(program: Command): void {
  program
    .command('serve')
    .description('run the controller in the foreground; other commands start one by themselves')
    .option('--config <file>', 'sluice.yml to use')
    .option('--root <folder>', 'a folder without sluice.yml, for workflow documents only')
    .option('--install', 'write a service unit that runs it at each boot, and print how to enable it')
    .option('--uninstall', 'remove that unit')
    .option('--user', 'unit of this user (default)')
    .option('--system', 'unit of the whole machine, run as this user')
    .option('--dry-run', 'print the unit; write nothing')
    .option('--json', 'with --install or --uninstall: one line of JSON')
    .action(async (options: ServeOptions, command: Command) => {
      const { install, uninstall, user, system } = options;
      const unit = install === true || uninstall === true;
      if ((install && uninstall) || (user && system)) {
        command.error('error: --install and --uninstall, --user and --system exclude each other');
      }
      if (!unit && (user || system || options.dryRun)) {
        command.error('error: --user, --system and --dry-run belong to --install and --uninstall');
      }
      if (unit) {
        const { installService, uninstallService } = await import('./install/install-service.ts');
        return install ? installService(options) : uninstallService(options);
      }
      // Read here and not above: no other command needs the engine and the router.
      const { serve } = await import('../daemon/serve.ts');
      try {
        await serve(options.root === undefined ? placeOf(options) : workPlace(options.root));
      } catch (error) {
        tellError(error, false);
        // What was opened before it failed must not keep a controller that serves nobody, with the lease in its hand.
        process.exit(1);
      }
    });

  routerCommand(program);

  program
    .command('down')
    .description('stop every instance, the router and the controller of this project')
    .option('--config <file>', 'sluice.yml to use')
    .option('--dry-run', 'print what would be stopped; stop nothing')
    .option('--json', 'one line of JSON')
    .action(async (options: { config?: string; json?: boolean; dryRun?: boolean }) => {
      const { stateDir } = stateOf(options);
      if (options.dryRun) {
        const { runningProcesses } = await import('../daemon/running-processes.ts');
        const found = await runningProcesses(stateDir);
        return outputOf(options).answer(found, wouldEnd(found));
      }
      const { takeDown } = await import('../daemon/take-down.ts');
      const { stopped, ran } = await takeDown(stateDir, systemClock);
      const said = `Stopped ${stopped.length} instances, the router and the controller.`;
      outputOf(options).answer({ stopped }, ran ? said : 'Nothing is running.');
    });

  program
    .command('doctor')
    .description('check machine, project, journal, controller and router; starts and changes nothing')
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON')
    .action(async (options: { config?: string; json?: boolean }) => {
      const { doctor } = await import('./doctor/doctor.ts');
      await doctor(options);
    });
}

function wouldEnd({ controller, router, instances }: RunningProcesses): string {
  const lines = [
    ...(controller === null ? [] : [`controller  pid ${controller}`]),
    ...(router === null ? [] : [`router      pid ${router}`]),
    ...instances.map(({ id, pid }) => `instance    pid ${pid}  ${id}`),
  ];
  return lines.length === 0 ? 'Nothing is running.' : ['Would stop:', ...lines].join('\n');
}
