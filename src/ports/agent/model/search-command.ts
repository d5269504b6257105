import type { CommandOutcome } from '../../command/port.ts';
import type { ModelReach } from './ask-model.ts';
import type { ModelSurroundings } from './outside-tools.ts';

/** Runs a command confined as what else the model runs; it is ended when `signal` is aborted. */
export type RunConfined = (
  command: {
    readonly run: string;
    readonly env: Readonly<Record<string, string>>;
    readonly input: string;
    readonly timeoutMs: number;
  },
  signal: AbortSignal,
) => Promise<CommandOutcome>;

const timeoutMs = 60_000;
/** Of what was found, how much the model reads: the best comes first. */
const keptLetters = 16_000;

/** Searches by the command that is bound to the model. Rejects with a message that the model may read. */
export function searchBy(
  { run, env }: NonNullable<ModelReach['model']['webSearch']>,
  inSandbox: RunConfined,
): NonNullable<ModelSurroundings['webSearch']> {
  return async (query, signal) => {
    const { exitCode, timedOut, output } = await inSandbox(
      { run, env, input: `${query}\n`, timeoutMs },
      signal,
    );
    if (exitCode === 0) return output.slice(0, keptLetters);
    const end = timedOut ? `no end after ${timeoutMs / 1_000} s` : `exit code ${exitCode ?? 'none'}`;
    throw new Error(`The search failed, ${end}: ${output.slice(-1_000)}`);
  };
}
