import type { Command } from 'commander';
import { sleep, systemClock } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import { callController } from '../daemon/socket-client.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import { followRollout } from './follow-rollout.ts';
import { type Output, outputOf } from './output.ts';
import { placeOf } from './place-of.ts';
import { historyText, servesNothing, statusText } from './status-text.ts';
import { wrapped } from './wrapped.ts';

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}
interface Aimed extends Common {
  readonly to: string;
}

interface Steered extends Aimed {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

interface Reading extends Common {
  readonly to?: string;
  readonly rollout?: string;
  readonly compare?: boolean;
}

interface Accepting {
  readonly acceptIrreversible?: boolean;
}

const irreversible = [
  '--accept-irreversible',
  'accept a migration that has no way down, or one that loses data',
] as const;

/** Commands that the controller answers. */
export function deploymentCommands(program: Command): void {
  aimed(
    program.command('plan <service>').description('what deploying would do, and every gate; changes nothing'),
  )
    .requiredOption('--unit <id>', 'unit of work that QA approved')
    .option(...irreversible)
    .action(plan);
  aimed(program.command('deploy <service>').description('bring the artifact of a unit in, step by step'))
    .requiredOption('--unit <id>', 'unit of work that QA approved')
    .option('--detach', 'return at once; `sluice watch` follows')
    .option('--dry-run', 'the same as `sluice plan`')
    .option('--override <reason>', 'deploy although an incident is open')
    .option(...irreversible)
    .action(deploy);
  aimed(
    program
      .command('rollback <service> [release]')
      .description('back to the previous release, or a kept one by name'),
  )
    .option('--detach', 'return at once')
    .option('--dry-run', 'print what it would do; changes nothing')
    .option(...irreversible)
    .action(rollback);
  steering(program);
  reading(program);
  incidents(program);
}

function steering(program: Command): void {
  const words = {
    approve: 'say yes where the plan waits for it',
    pause: 'hold the rollout after its present step; traffic stays as it is',
    resume: 'go on',
    promote: 'go on without waiting for more evidence',
    abort: 'take the candidate back',
  } as const;
  for (const [method, description] of Object.entries(words) as [keyof typeof words, string][]) {
    const command = aimed(program.command(`${method} <service>`).description(description)).option(
      '--reason <text>',
      'why',
    );
    if (method === 'approve') command.option('--role <name>', 'the role in which you approve');
    if (method === 'abort') command.option('--dry-run', 'print what it would do; changes nothing');
    command.action(async (service: string, { config, json, dryRun, ...options }: Steered) => {
      if (dryRun) return planAbort(service, { config, json, to: options.to });
      await ask({ config, json }, method, { service, ...options }, `${method}: done.`);
    });
  }
  aimed(
    program
      .command('signal <service>')
      .description('tell of something seen from outside: takes the candidate back'),
  )
    .requiredOption('--kind <kind>', 'security, integrity, outage …')
    .option('--reason <text>', 'what was seen')
    .action(async (service: string, { config, json, ...options }: Aimed & { kind: string }) => {
      const answer = await reach({ config }, 'signal', { service, ...options });
      const { rollback: begun } = answer;
      const text =
        begun === null ? 'signal: told.' : `signal: told; ${begun} goes back to the release before.`;
      outputOf({ json }).answer(answer, text);
    });
}

function reading(program: Command): void {
  common(program.command('status [service]').description('what runs, and how far a rollout is'))
    .option('--to <environment>', 'one environment only')
    .action(async (service: string | undefined, options: Common & { to?: string }) => {
      const asked = filterOf(service, options.to);
      const targets = await reach(options, 'status', asked);
      const rollouts = targets.some(servesNothing) ? await reach(options, 'history', asked) : [];
      outputOf(options).answer(targets, statusText(targets, rollouts, asked));
    });
  common(program.command('watch [service]').description('status, again and again, until a rollout ends'))
    .option('--to <environment>', 'one environment only')
    .action(watch);
  common(program.command('history [service]').description('rollouts, newest first'))
    .option('--to <environment>', 'one environment only')
    .action(async (service: string | undefined, options: Common & { to?: string }) => {
      const rollouts = await reach(options, 'history', filterOf(service, options.to));
      outputOf(options).answer(rollouts, historyText(rollouts));
    });
  common(
    program
      .command('report [service]')
      .description('the written report of a rollout, rebuilt from the journal'),
  )
    .option('--to <environment>', 'one environment only')
    .option('--rollout <id>', 'a rollout or a unit; default the newest')
    .option('--compare', 'instead: how many users other rules would have harmed on the same traffic')
    .action(async (service: string | undefined, options: Reading) => {
      const { rollout, compare } = options;
      const named = rollout === undefined ? {} : { rollout };
      const asked = { ...filterOf(service, options.to), ...named, ...(compare ? { compare } : {}) };
      const report = await reach(options, 'report', asked);
      outputOf(options).answer(report, report.text.trimEnd());
    });
  aimed(program.command('logs <service>').description('the last of what the instances printed')).action(
    async (service: string, options: Aimed) => {
      const logs = await reach(options, 'logs', { service, to: options.to });
      outputOf(options).answer(
        logs,
        logs.map(({ instance, text }) => `── ${instance}\n${text.trimEnd()}`).join('\n'),
      );
    },
  );
}

function incidents(program: Command): void {
  const incident = program.command('incident').description('what went wrong and blocks the next rollout');
  common(incident.command('list', { isDefault: true }).description('open incidents')).action(
    async (options: Common) => {
      const open = await reach(options, 'incidents', {});
      const lines = open.flatMap(({ id, target, severity, title, acknowledgedBy }) => [
        `${id}  ${target}  ${severity}${acknowledgedBy === null ? '' : `  (acknowledged by ${acknowledgedBy})`}`,
        ...wrapped(title, { head: '    ', indent: '    ' }),
      ]);
      outputOf(options).answer(open, lines.join('\n') || 'No open incidents.');
    },
  );
  common(incident.command('ack <incident>').description('say that you are on it')).action(
    async (id: string, options: Common) =>
      ask(options, 'incidentAcknowledge', { incident: id }, 'acknowledged.'),
  );
  common(incident.command('resolve <incident>').description('close it, so that deploying may go on'))
    .requiredOption('--reason <text>', 'what was done about it')
    .action(async (id: string, options: Common & { reason: string }) =>
      ask(options, 'incidentResolve', { incident: id, reason: options.reason }, 'resolved.'),
    );
}

async function plan(service: string, options: Aimed & Accepting & { readonly unit: string }): Promise<void> {
  const { to, unit } = options;
  const answer = await reach(options, 'plan', { service, to, unit, ...accepted(options) });
  if (answer.plan === null) process.exitCode = 1;
  outputOf(options).answer(answer, answer.text.trimEnd());
}

async function deploy(
  service: string,
  options: Aimed &
    Accepting & {
      readonly unit: string;
      readonly detach?: boolean;
      readonly dryRun?: boolean;
      readonly override?: string;
    },
): Promise<void> {
  if (options.dryRun) return plan(service, options);
  const { to, unit, override } = options;
  const params = {
    service,
    to,
    unit,
    ...(override === undefined ? {} : { override }),
    ...accepted(options),
  };
  const { rollout } = await reach(options, 'deploy', params);
  await followUnless(options.detach === true, { service, to, rollout }, options);
}

async function rollback(
  service: string,
  release: string | undefined,
  options: Aimed & Accepting & { readonly detach?: boolean; readonly dryRun?: boolean },
): Promise<void> {
  const named = release === undefined ? {} : { release };
  const params = { service, to: options.to, ...named, ...accepted(options) };
  if (options.dryRun) {
    const answer = await reach(options, 'planRollback', params);
    if (answer.plan === null) process.exitCode = 1;
    return outputOf(options).answer(answer, answer.text.trimEnd());
  }
  const { rollout } = await reach(options, 'rollback', params);
  await followUnless(options.detach === true, { service, to: options.to, rollout }, options);
}

function accepted({ acceptIrreversible }: Accepting): Accepting {
  return acceptIrreversible === true ? { acceptIrreversible } : {};
}

async function planAbort(
  service: string,
  {
    to,
    ...options
  }: { readonly to: string; readonly config?: string | undefined; readonly json?: boolean | undefined },
): Promise<void> {
  const [status] = await reach(options, 'status', { service, to });
  const rollout = status?.state.rollout ?? null;
  if (rollout === null) process.exitCode = 1;
  const { goingBackText } = await import('../report/going-back-text.ts');
  const text = rollout === null ? 'No rollout is running here.' : goingBackText(rollout);
  outputOf(options).answer({ rollout: rollout?.rollout ?? null, text }, text);
}

async function followUnless(
  detached: boolean,
  asked: { readonly service: string; readonly to: string; readonly rollout: string },
  options: Common,
): Promise<void> {
  const output = outputOf(options);
  if (detached)
    return output.answer(
      { rollout: asked.rollout },
      `${asked.rollout} is on its way; \`sluice watch\` follows.`,
    );
  output.say(`${asked.rollout}: ${asked.service} to ${asked.to}`);
  process.once('SIGINT', () => leave(asked));
  const end = await followRollout(placeOf(options), asked, output);
  if (end.ending !== 'succeeded') process.exitCode = 1;
  const because = end.reason === null ? '' : `: ${end.reason}`;
  const remedy = end.remedy === null ? '' : `\n  → ${end.remedy}`;
  const code = end.code === null ? '' : `\n  (${end.code})`;
  output.answer({ type: 'end', ...end }, `${end.ending}${because}${remedy}${code}`);
}

/** Ctrl-C is for the one who watches: the rollout belongs to the controller. */
function leave({
  service,
  to,
  rollout,
}: {
  readonly service: string;
  readonly to: string;
  readonly rollout: string;
}): void {
  const aimed = `${service} --to ${to}`;
  process.stderr.write(
    `\n${rollout} goes on. \`sluice watch ${aimed}\` follows it, \`sluice abort ${aimed}\` takes it back.\n`,
  );
  process.exit(130);
}

async function watch(service: string | undefined, options: Common & { readonly to?: string }): Promise<void> {
  const output: Output = outputOf(options);
  for (let last = ''; ; ) {
    const targets = await reach(options, 'status', filterOf(service, options.to));
    const text = options.json ? JSON.stringify(targets) : statusText(targets);
    if (text !== last) output.answer(targets, `${text}\n`);
    last = text;
    if (targets.every(({ state }) => state.rollout === null)) return;
    await sleep(systemClock, 500);
  }
}

async function ask<M extends Method>(
  options: { readonly config?: string | undefined; readonly json?: boolean | undefined },
  method: M,
  params: Parameters<EngineApi[M]>[0],
  text: string,
): Promise<void> {
  outputOf(options).answer(await reach(options, method, params), text);
}

const reads: ReadonlySet<Method> = new Set(['status', 'history', 'report', 'incidents']);

/** Calls the controller, and starts it when there is none. */
async function reach<M extends Method>(
  options: { readonly config?: string | undefined },
  method: M,
  params: Parameters<EngineApi[M]>[0],
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  const place = placeOf(options);
  // What is only read is in memory; plans and deployments read whole artifacts first.
  const limit = reads.has(method) ? { timeoutMs: 30_000 } : {};
  try {
    return await callController(place.stateDir, method, params, limit);
  } catch (error) {
    // A call that was sent may have been carried out, and is not made twice.
    if (!isErrorFacts(error) || error.details?.sent !== false) throw error;
  }
  const { ensureController } = await import('../daemon/ensure-controller.ts');
  await ensureController(place);
  return callController(place.stateDir, method, params);
}

function filterOf(service: string | undefined, to: string | undefined): { service?: string; to?: string } {
  return { ...(service === undefined ? {} : { service }), ...(to === undefined ? {} : { to }) };
}

function common(command: Command): Command {
  return command
    .option('--config <file>', 'sluice.yml to use')
    .option('--json', 'one line of JSON for each answer');
}

function aimed(command: Command): Command {
  return common(command).requiredOption('--to <environment>', 'environment');
}
