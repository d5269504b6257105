// Writes docs/commands.md; a test holds it to what the commands say of themselves.
import { writeFileSync } from 'node:fs';
import { commandDocs } from '../src/cli/command-docs.ts';
import { makeProgram } from '../src/cli/make-program.ts';

writeFileSync(new URL('../docs/commands.md', import.meta.url), commandDocs(makeProgram()));
