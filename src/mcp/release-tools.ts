import { SluiceError } from '../base/sluice-error.ts';
import type { PlanAnswer, ReportAnswer } from '../engine/api.ts';
import { answers, anyObject, listOf, takes, text, textOrNull } from './json-schema.ts';
import { type Tool, tool } from './tool.ts';

interface Aimed {
  readonly service: string;
  readonly to: string;
}

const aimed = { service: text('Name of the service.'), to: text('Environment, for instance production.') };
const unit = text('Unit of work that QA approved, for instance U-42.');
const done = answers({ done: { const: true } }, 'done');
const begun = answers({ rollout: text('name of the rollout; release_status follows it') }, 'rollout');

/** Releases. Each call is checked against the policies as a call of the user who opened the door. */
export const releaseTools: readonly Tool[] = [
  tool({
    name: 'release_plan',
    title: 'Plan a release',
    description:
      'What deploying a unit would do, step by step, and every gate with what it saw. Changes nothing.',
    nature: 'reads',
    input: takes({ ...aimed, unit }, 'service', 'to', 'unit'),
    output: answers(
      {
        gates: listOf(anyObject, 'each with what was required and observed'),
        plan: { type: ['object', 'null'], description: 'null when a blocking gate does not hold' },
        text: { type: 'string' },
      },
      'gates',
      'plan',
      'text',
    ),
    call: ({ service, to, unit: id }: Aimed & { unit: string }, { ask }) =>
      ask('plan', { service, to, unit: id }),
    text: (answer: PlanAnswer) => answer.text,
  }),
  tool({
    name: 'release_deploy',
    title: 'Deploy',
    description:
      'Brings the artifact of a unit that QA approved into an environment, gate by gate, and takes it back by itself when it is bad. Returns at once. An open incident or a migration without a way back refuses it; only a person overrides that at the command line.',
    nature: 'acts',
    input: takes({ ...aimed, unit }, 'service', 'to', 'unit'),
    output: begun,
    call: ({ service, to, unit: id }: Aimed & { unit: string }, { ask }) =>
      ask('deploy', { service, to, unit: id }),
  }),
  tool({
    name: 'release_status',
    title: 'Status of releases',
    description:
      'What runs in each target, how far a rollout is, and the evidence for and against its candidate.',
    nature: 'reads',
    input: takes(aimed),
    output: answers({ targets: listOf(anyObject, 'target, state, evidence') }, 'targets'),
    call: async (args: Partial<Aimed>, { ask }) => ({ targets: await ask('status', args) }),
  }),
  tool({
    name: 'release_history',
    title: 'History of releases',
    description: 'Rollouts, newest first, with how each ended and why.',
    nature: 'reads',
    input: takes(aimed),
    output: answers({ rollouts: listOf(anyObject, 'rollout, unit, version, ending, reason …') }, 'rollouts'),
    call: async (args: Partial<Aimed>, { ask }) => ({ rollouts: await ask('history', args) }),
  }),
  tool({
    name: 'release_report',
    title: 'Report of a rollout',
    description: 'The written report of a rollout, rebuilt from the journal; the newest one by default.',
    nature: 'reads',
    input: takes({ ...aimed, rollout: text('A rollout or a unit.') }),
    output: answers(
      {
        rollout: { type: 'string' },
        text: { type: 'string', description: 'markdown' },
        path: textOrNull('its file; null while the rollout runs'),
      },
      'rollout',
      'text',
    ),
    call: (args: Partial<Aimed> & { rollout?: string }, { ask }) => ask('report', args),
    text: (answer: ReportAnswer) => answer.text,
  }),
  tool({
    name: 'release_abort',
    title: 'Abort a rollout',
    description:
      'Takes the candidate of the running rollout back. Traffic returns to stable before anything else.',
    nature: 'acts',
    input: takes({ ...aimed, reason: text('Why.') }, 'service', 'to', 'reason'),
    output: done,
    call: ({ service, to, reason }: Aimed & { reason: string }, { ask, actor }) =>
      ask('abort', { service, to, reason: saidBy(actor, reason) }),
  }),
  tool({
    name: 'release_rollback',
    title: 'Roll back',
    description: 'Goes back to the previous release, or to a kept one by its version. Returns at once.',
    nature: 'acts',
    input: takes(
      { ...aimed, release: text('Version to go back to; default: the previous one.') },
      'service',
      'to',
    ),
    output: begun,
    call: (args: Aimed & { release?: string }, { ask }) => ask('rollback', args),
  }),
  tool({
    name: 'release_signal',
    title: 'Signal trouble',
    description:
      'Tells of something seen from outside (security, integrity, outage …). It takes the candidate back, or the release after a success.',
    nature: 'acts',
    input: takes(
      { ...aimed, kind: text('security, integrity, outage …'), reason: text('What was seen.') },
      'service',
      'to',
      'kind',
      'reason',
    ),
    output: answers(
      { done: { const: true }, rollback: textOrNull('the rollback that it began') },
      'done',
      'rollback',
    ),
    call: ({ reason, ...args }: Aimed & { kind: string; reason: string }, { ask, actor }) =>
      ask('signal', { ...args, reason: saidBy(actor, reason) }),
  }),
  tool({
    name: 'incidents',
    title: 'Open incidents',
    description: 'What went wrong and blocks the next rollout until a person resolved it.',
    nature: 'reads',
    input: takes({}),
    output: answers({ incidents: listOf(anyObject, 'id, target, severity, title …') }, 'incidents'),
    call: async (_: object, { ask }) => ({ incidents: await ask('incidents', {}) }),
  }),
  tool({
    name: 'approve',
    title: 'Approve (people only)',
    description:
      'Always refused: an agent cannot approve a release, its own least of all. The answer says who may, and how.',
    nature: 'reads',
    input: takes(aimed, 'service', 'to'),
    output: done,
    call: async ({ service, to }: Aimed, { ask }) => {
      const [target] = await ask('status', { service, to });
      const rollout = target?.state.rollout ?? null;
      const step = rollout?.phase === 'forward' ? rollout.plan.steps[rollout.index] : undefined;
      const roles = step?.type === 'approve' ? step.roles : [];
      const who = roles.length === 0 ? 'A person who is entitled' : `A person who is ${roles.join(', ')}`;
      throw new SluiceError({
        code: 'agent-may-not',
        message: 'An agent may not approve a release.',
        remedy: `${who} does it by name: \`sluice approve ${service} --to ${to}\`.`,
      });
    },
  }),
];

/** The controller knows the user who opened the door; the record shall name the agent too. */
function saidBy(actor: string, reason: string): string {
  return `${reason} (${actor})`;
}
