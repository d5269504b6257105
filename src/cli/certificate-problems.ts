import { errorFacts } from '../base/sluice-error.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Problem } from '../config/problem.ts';
import { type Certificate, readCertificate } from '../router/certificate.ts';

type Loaded = Extract<LoadedConfig, { ok: true }>;

/** What became of the certificate of an environment. */
export type CertificateFound =
  | { readonly environment: string; readonly certificate: Certificate }
  | { readonly environment: string; readonly problem: Problem };

/** Reads the certificate of each environment that has one, as the router will. */
export function findCertificates(loaded: Loaded, now: number): Promise<readonly CertificateFound[]> {
  const certified = loaded.config.environments.flatMap(({ name, edge }) =>
    edge?.tls === undefined ? [] : [{ name, files: edge.tls }],
  );
  return Promise.all(
    certified.map(async ({ name, files }): Promise<CertificateFound> => {
      try {
        return { environment: name, certificate: await readCertificate(files, now) };
      } catch (error) {
        const { code, message, remedy, details } = errorFacts(error);
        const which = details?.key === files.key || details?.path === files.key ? 'key' : 'certificate';
        const place = placeOf(loaded, `environments.${name}.edge.tls.${which}`);
        const path = `environments.${name}.tls.${which}`;
        return { environment: name, problem: { code, message, remedy, path, ...place } };
      }
    }),
  );
}

/** Of those, what is wrong, for people who mend `sluice.yml`. */
export async function certificateProblems(loaded: Loaded, now: number): Promise<readonly Problem[]> {
  const found = await findCertificates(loaded, now);
  return found.flatMap((one) => ('problem' in one ? [one.problem] : []));
}

/** `sluice.yml:7` → where the file is named. */
function placeOf({ origins, config }: Loaded, path: string): Pick<Problem, 'file' | 'line' | 'column'> {
  const origin = origins.get(path) ?? `${config.root}:1`;
  const colon = origin.lastIndexOf(':');
  return { file: origin.slice(0, colon), line: Number(origin.slice(colon + 1)), column: 1 };
}
