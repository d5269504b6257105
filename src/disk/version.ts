import { readFileSync } from 'node:fs';

/** The version of this package: of the command line, and of the controller and the router that it starts. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;
