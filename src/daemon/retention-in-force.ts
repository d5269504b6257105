import { stat } from 'node:fs/promises';
import type { Retention } from '../config/config.ts';
import { missingIsNull } from '../disk/missing-is-null.ts';
import { standardRetention } from '../engine/retention.ts';
import { readConfig } from './read-config.ts';

/**
 * How long things are kept: as `file`, the `sluice.yml`, says. Documents are run without one too, by the standard; where something was
 * `deployed` there was one, which may ask to keep more. Throws `config-invalid`.
 */
export async function retentionInForce(
  file: string,
  { deployed }: { readonly deployed: boolean },
): Promise<Retention> {
  if (!deployed && (await stat(file).catch(missingIsNull)) === null) return standardRetention;
  return (await readConfig(file)).retention ?? standardRetention;
}
