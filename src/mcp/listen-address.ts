import { SluiceError } from '../base/sluice-error.ts';

export interface ListenAddress {
  /** `127.0.0.1`, `::1` or `localhost`. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Reads `HOST:PORT`. Only loopback addresses are taken: whoever reaches the door may deploy. `listen-invalid`. */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = (bracketed ?? plain)?.toLowerCase();
  const port = Number(digits);
  if (host === undefined || port > 65_535) throw invalid(text, 'is no address with a port');
  if (!isLoopback(host)) throw invalid(text, 'can be reached from other machines');
  return { host, port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function invalid(text: string, why: string): SluiceError {
  return new SluiceError({
    code: 'listen-invalid',
    message: `--listen ${text} ${why}.`,
    remedy: 'Write `--listen 127.0.0.1:0`, or another port of this machine; a tunnel brings it elsewhere.',
  });
}
