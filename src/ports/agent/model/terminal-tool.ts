import type { CommandOutcome } from '../../command/port.ts';
import { type ModelTool, parameters, text, textOf } from './tool.ts';

/** Default and most of one command's time, s. */
const usualSeconds = 120;
const mostSeconds = 1_800;
/** Of the output, how much the model reads. */
const keptLetters = 16_000;

/** A command that is ended when `signal` is aborted. */
export type RunCommand = (command: string, timeoutMs: number, signal: AbortSignal) => Promise<CommandOutcome>;

/** Runs shell commands; `run` confines them. */
export function terminalTool(run: RunCommand): ModelTool {
  return {
    name: 'run_terminal_cmd',
    description:
      'Runs a command by the shell in the workspace and gives its exit code and the end of its output. Nothing that it starts goes on after it.',
    parameters: parameters(
      {
        command: text('For /bin/sh.', { minLength: 1, maxLength: 100_000 }),
        timeoutSeconds: { type: 'integer', minimum: 1, maximum: mostSeconds },
      },
      ['command'],
    ),
    async perform(input, signal) {
      const seconds = typeof input.timeoutSeconds === 'number' ? input.timeoutSeconds : usualSeconds;
      return described(await run(textOf(input, 'command') ?? '', seconds * 1_000, signal), seconds);
    },
  };
}

function described({ exitCode, timedOut, output }: CommandOutcome, seconds: number): string {
  const end = timedOut
    ? `it was ended after ${seconds} s`
    : exitCode === null
      ? 'it was killed'
      : `exit code ${exitCode}`;
  const cut =
    output.length > keptLetters ? `(only the end of the output)\n${output.slice(-keptLetters)}` : output;
  return `${end}\n${cut}`;
}
