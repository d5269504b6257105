import { invariant } from '../base/invariant.ts';
import type { NewEvent } from './journal.ts';

/** A new event as it will be read back: its data has been through JSON, its text is well-formed Unicode. */
export interface EncodedEvent extends NewEvent {
  /** `data` as JSON. */
  readonly json: string;
}

/** Throws the TypeError of JSON.stringify for what JSON cannot hold, before anything has been written. */
export function encodeEvent({ type, data, at, actor }: NewEvent): EncodedEvent {
  invariant(Number.isFinite(at), `The time of a ${type} event is ${at}, not milliseconds.`);
  const json = JSON.stringify(data ?? null) ?? 'null';
  return {
    type: type.toWellFormed(),
    data: JSON.parse(json) as unknown,
    at,
    actor: actor.toWellFormed(),
    json,
  };
}
