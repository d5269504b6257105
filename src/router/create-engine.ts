import type { Clock } from '../base/clock.ts';
import type { Engine, EngineName } from './engine.ts';
import { createFastEngine } from './fast/fast-engine.ts';
import { createStandardEngine } from './standard-engine.ts';

export const engineNames: readonly EngineName[] = ['fast', 'standard'];

/** Of routers that are told nothing else. */
export const defaultEngine: EngineName = 'fast';

export function createEngine(name: EngineName, clock: Clock): Engine {
  return name === 'fast' ? createFastEngine(clock) : createStandardEngine(clock);
}
