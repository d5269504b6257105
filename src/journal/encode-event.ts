import { canonicalJson } from '../base/canonical-json.ts';
import { invariant } from '../base/invariant.ts';
import type { NewEvent } from './journal.ts';

/** A new event as it will be read back: its data has been through JSON, its text is well-formed Unicode. */
export interface EncodedEvent extends NewEvent {
  /** `data` as canonical JSON: so it is kept, and whoever reads it need not write it once more to check its hash. */
  readonly json: string;
}

/** Throws the TypeError of JSON.stringify for what JSON cannot hold, before anything has been written. */
export function encodeEvent({ type, data, at, actor }: NewEvent): EncodedEvent {
  invariant(Number.isFinite(at), `The time of a ${type} event is ${at}, not milliseconds.`);
  const json = JSON.stringify(data ?? null) ?? 'null';
  const read = JSON.parse(json) as unknown;
  return {
    type: type.toWellFormed(),
    data: read,
    at,
    actor: actor.toWellFormed(),
    json: canonicalJson(read),
  };
}
