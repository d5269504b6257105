import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { CertificateFiles } from '../base/route-table.ts';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';

/** A certificate with its key, ready to be shown to clients. */
export interface Certificate {
  readonly context: SecureContext;
  /** It holds until this moment, ms. */
  readonly validTo: number;
  /** As in its subjectAltName, or else its subject. */
  readonly names: string;
}

/**
 * Reads both files. Rejects with `certificate-unreadable`, `certificate-key-mismatch`, `certificate-not-yet-valid` or
 * `certificate-expired`. `evenExpired`: one outside of its time is given all the same.
 */
export async function readCertificate(
  files: CertificateFiles,
  now: number,
  { evenExpired = false }: { readonly evenExpired?: boolean } = {},
): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(files.certificate), readPem(files.key)]);
  const certificate = parsed(files.certificate, 'a certificate', () => new X509Certificate(cert));
  const privateKey = parsed(files.key, 'a private key without a passphrase', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw mismatch(files);
  const { validFromDate, validToDate, subject } = certificate;
  if (!evenExpired && validToDate.getTime() <= now) throw expired(files.certificate, validToDate);
  if (!evenExpired && validFromDate.getTime() > now) throw notYetValid(files.certificate, validFromDate);
  const context = parsed(files.certificate, 'a chain of certificates', () =>
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
  );
  return { context, validTo: validToDate.getTime(), names: certificate.subjectAltName ?? subject };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SluiceError({
      code: 'certificate-unreadable',
      message: `${path} cannot be read: ${errorFacts(cause).message}.`,
      remedy: 'Put the file there, and let the user who runs the router read it.',
      cause,
      details: { path },
    });
  }
}

function parsed<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new SluiceError({
      code: 'certificate-unreadable',
      message: `${path} does not hold ${what} in PEM form.`,
      remedy: 'Name the PEM files of the certificate (with those of its issuers below it) and of its key.',
      cause,
      details: { path },
    });
  }
}

function mismatch({ certificate, key }: CertificateFiles): SluiceError {
  return new SluiceError({
    code: 'certificate-key-mismatch',
    message: `The key in ${key} is not the one of the certificate in ${certificate}.`,
    remedy:
      'Name the two files that were issued together; the certificate of the server stands first in its file.',
    details: { certificate, key },
  });
}

function expired(path: string, validTo: Date): SluiceError {
  return new SluiceError({
    code: 'certificate-expired',
    message: `The certificate in ${path} ran out at ${validTo.toISOString()}.`,
    remedy: 'Renew it; the router takes the new files by itself.',
    details: { path, validTo: validTo.toISOString() },
  });
}

function notYetValid(path: string, validFrom: Date): SluiceError {
  return new SluiceError({
    code: 'certificate-not-yet-valid',
    message: `The certificate in ${path} is valid only from ${validFrom.toISOString()}.`,
    remedy: 'Wait until then, or look whether the clock of this machine is right.',
    details: { path, validFrom: validFrom.toISOString() },
  });
}
