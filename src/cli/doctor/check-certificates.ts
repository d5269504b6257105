import type { LoadedConfig } from '../../config/load-config.ts';
import { findCertificates } from '../certificate-problems.ts';
import { type Check, fail, ok, warn } from './check.ts';

const soonDays = 14;
const dayMs = 86_400_000;

/** Whether the router can use each certificate, and how long its clients will. */
export async function checkCertificates(
  loaded: Extract<LoadedConfig, { ok: true }>,
  now: number,
): Promise<readonly Check[]> {
  return (await findCertificates(loaded, now)).map((found) => {
    const title = `certificate ${found.environment}`;
    if ('problem' in found) return fail(title, found.problem.message, found.problem.remedy);
    const { names, validTo } = found.certificate;
    const days = Math.floor((validTo - now) / dayMs);
    const said = `${names}, until ${new Date(validTo).toISOString().slice(0, 10)}`;
    if (days >= soonDays) return ok(title, said);
    return warn(
      title,
      `${said}: it runs out in ${days} days`,
      'Renew it; the router takes the new files by itself.',
    );
  });
}
