import type { Branded } from './brand.ts';
import { SluiceError } from './sluice-error.ts';

/** A deployable part of the project: `web`. */
export type ServiceName = Branded<'ServiceName'>;
/** Where releases run: `production`. */
export type EnvironmentName = Branded<'EnvironmentName'>;
/** A piece of work that QA judges: `U-42`. */
export type UnitId = Branded<'UnitId'>;
/** One service in one environment, `web@production`: what a rollout changes, and one stream of the journal. */
export type TargetId = Branded<'TargetId'>;
/** `R-` and a time-ordered suffix; made by the controller when the rollout is requested. */
export type RolloutId = Branded<'RolloutId'>;
/** One running copy of a release: `<rollout>-<number>`. */
export type InstanceId = Branded<'InstanceId'>;
/** `INC-` and a suffix. */
export type IncidentId = Branded<'IncidentId'>;

const name = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const unit = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

function parse<T extends string>(what: string, form: RegExp, allowed: string, text: string): T {
  if (form.test(text)) return text as T;
  throw new SluiceError({
    code: 'name-malformed',
    message: `"${text}" is not a ${what}.`,
    remedy: `A ${what} has ${allowed}.`,
  });
}

const shortName = 'one to forty small letters, digits and inner hyphens';

export const parseServiceName = (text: string): ServiceName => parse('service name', name, shortName, text);
export const parseEnvironmentName = (text: string): EnvironmentName =>
  parse('environment name', name, shortName, text);
export const parseUnitId = (text: string): UnitId =>
  parse('unit id', unit, 'up to sixty-four letters, digits and inner dots, hyphens and underscores', text);

export interface Target {
  readonly service: ServiceName;
  readonly environment: EnvironmentName;
}

export function targetId({ service, environment }: Target): TargetId {
  return `${service}@${environment}` as TargetId;
}

/** Splits `web@production`. Throws `name-malformed`. */
export function parseTargetId(text: string): Target {
  const [service = '', environment = ''] = text.split('@');
  return { service: parseServiceName(service), environment: parseEnvironmentName(environment) };
}

export function instanceId(rollout: RolloutId, number: number): InstanceId {
  return `${rollout}-${number}` as InstanceId;
}
