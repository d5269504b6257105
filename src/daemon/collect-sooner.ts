import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow to twice of what lives in it, and no further, before it is collected. By itself it grows to four times as
 * much: a thousand rollouts at once took 490 MB of which 80 were in use. It costs a tenth more CPU where so many are
 * measured, and nothing where there are few.
 */
export function collectSooner(): void {
  setFlagsFromString('--heap-growing-percent=100');
}
