import type { Clock } from '../base/clock.ts';
import type { Engine } from './engine.ts';
import { createFastEngine } from './fast/fast-engine.ts';
import { createStandardEngine } from './standard-engine.ts';

/** `fast`: own parser on `node:net`. `standard`: `node:http` on both sides, slower, as the fallback. */
export type EngineName = 'fast' | 'standard';

export const engineNames: readonly EngineName[] = ['fast', 'standard'];

export function createEngine(name: EngineName, clock: Clock): Engine {
  return name === 'fast' ? createFastEngine(clock) : createStandardEngine(clock);
}
