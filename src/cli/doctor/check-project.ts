import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { RouteTable } from '../../base/route-table.ts';
import { errorFacts } from '../../base/sluice-error.ts';
import type { ProjectConfig } from '../../config/config.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import { parseHostPort } from '../../router/host-port.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { programOf, programProblem } from './find-program.ts';

export function checkConfig(file: string, loaded: LoadedConfig): readonly Check[] {
  const name = 'configuration';
  if (!loaded.ok) {
    return loaded.problems.map(({ file: where, line, column, message, remedy }) =>
      fail(name, `${where}:${line}:${column} ${message}`, remedy),
    );
  }
  const { services, environments } = loaded.config;
  const names = [...services, ...environments].map(({ name }) => name);
  const found = `${file}: ${names.join(', ')}`;
  return [
    ok(name, found),
    ...loaded.warnings.map(({ file: where, line, message, remedy }) =>
      warn(name, `${where}:${line} ${message}`, remedy),
    ),
  ];
}

/** Each address is free, or it is our router that listens there. `tables`: those that the router keeps. */
export async function checkListen(
  { environments }: ProjectConfig,
  tables: Iterable<Pick<RouteTable, 'listen'>>,
): Promise<readonly Check[]> {
  const ours = new Set([...tables].map(({ listen }) => listen));
  return Promise.all(
    environments.map(async ({ name, listen }) => {
      const code = await bindingProblem(listen);
      const title = `listen ${name}`;
      if (code === null) return ok(title, `${listen} is free`);
      if (code === 'EADDRINUSE' && ours.has(listen)) return ok(title, `${listen} is ours`);
      return fail(title, `${listen}: ${said[code] ?? code}`, remedies[code] ?? `Choose another \`listen\`.`);
    }),
  );
}

const said: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
};

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'End that program (`ss -ltnp` names it), or choose another `listen` for the environment.',
  EACCES: 'Choose a port from 1024 up, or allow low ones: setcap cap_net_bind_service=+ep on node.',
  EADDRNOTAVAIL: 'Choose an address that `ip address` shows, or 127.0.0.1.',
};

/** Listens for a moment; null when that went well. */
async function bindingProblem(listen: string): Promise<string | null> {
  const server = createServer();
  try {
    const { host, port } = parseHostPort(listen);
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? errorFacts(error).message;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}

export async function checkQa(root: string): Promise<Check> {
  const folder = join(root, 'QA');
  try {
    const reports = (await readdir(folder)).filter((name) => /^QA-Report-.*\.md$/i.test(name));
    return ok('qa', `${reports.length} reports in ${folder}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      return fail('qa', errorFacts(error).message, `Let this user read the folder ${folder}.`);
    const remedy =
      'QA approves in QA/QA-Report-<UNIT_ID>.md beside sluice.yml; without one nothing is deployed.';
    return warn('qa', `${folder} is not there`, remedy);
  }
}

/** Programs only: what the artifact brings along is found when it starts. */
export async function checkCommands({ services, root }: ProjectConfig): Promise<readonly Check[]> {
  const commands = services.flatMap(({ name, run, migrate, integrity }) => [
    { title: `start ${name}`, run: run.start },
    ...(run.smoke === null ? [] : [{ title: `smoke ${name}`, run: run.smoke.run }]),
    ...(migrate === null ? [] : [{ title: `migrate ${name}`, run: migrate.up.run }]),
    ...(integrity === null ? [] : [{ title: `integrity ${name}`, run: integrity.run }]),
  ]);
  return Promise.all(
    commands.map(async ({ title, run }) => {
      const problem = await programProblem(run, root);
      if (problem === null) return ok(title, `${programOf(run) ?? 'the shell'} is there: ${run}`);
      return fail(
        title,
        problem,
        'Install it, or mend the command in sluice.yml; the controller has the PATH it was started with.',
      );
    }),
  );
}
