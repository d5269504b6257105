import { SluiceError } from '../base/sluice-error.ts';
import { makeProgram } from './make-program.ts';
import { tellError } from './output.ts';

/** Reads the command line and does what it says. Exit codes: `exitCodes` in guidance.ts. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json');
  const program = makeProgram();
  if (json) silence(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const { code, exitCode, message } = error as { code?: unknown; exitCode?: number; message: string };
    if (typeof code !== 'string' || !code.startsWith('commander.')) return tellError(error, json);
    if (exitCode === 0) return;
    if (json) tellError(misunderstood(message), true);
    process.exitCode = 2;
  }
}

/** Who asks for JSON reads standard output: the error is told there, once. */
function silence(command: ReturnType<typeof makeProgram>): void {
  command.configureOutput({ writeErr: () => {} });
  for (const sub of command.commands) silence(sub);
}

function misunderstood(message: string): SluiceError {
  return new SluiceError({
    code: 'command-line-misunderstood',
    message: message.replace(/^error: /, '').split('\n')[0] ?? message,
    remedy:
      /\(Did you mean .*\)/s.exec(message)?.[0].slice(1, -1) ?? '`sluice <command> --help` explains it.',
  });
}
