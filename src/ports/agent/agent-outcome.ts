import type { CommandOutcome } from '../command/port.ts';
import type { AgentOutcome } from './port.ts';

/** Of an agent's words, how much is kept. */
export const keptWordsBytes = 65_536;

/** What a command-line agent's end means. */
export function outcomeOf(command: CommandOutcome, cancelled: boolean): AgentOutcome {
  return {
    ...endingOf(command, cancelled),
    exitCode: command.exitCode,
    words: command.output,
    durationMs: command.durationMs,
    usage: null,
    concerns: concernsIn(command.output),
  };
}

function endingOf(command: CommandOutcome, cancelled: boolean): Pick<AgentOutcome, 'ended' | 'reason'> {
  const { exitCode, timedOut, durationMs } = command;
  if (timedOut)
    return { ended: 'timed-out', reason: `It had not ended after ${Math.round(durationMs / 1_000)} s.` };
  if (exitCode === 0) return { ended: 'done', reason: null };
  if (cancelled) return { ended: 'lost', reason: 'It was cancelled.' };
  if (exitCode === null) return { ended: 'lost', reason: 'It was killed before it could tell how it ended.' };
  const hint = exitCode === 127 ? ': its command, or one that it calls, was not found' : '';
  return { ended: 'failed', reason: `It ended with exit code ${exitCode}${hint}.` };
}

/** An agent on a command line raises a concern by a line of its own: `CONCERN: …`. */
function concernsIn(words: string): readonly string[] {
  return [...words.matchAll(/^[ \t]*CONCERN:[ \t]*(\S.*)$/gm)].map(([, text = '']) => text.trim());
}

/** An outcome of an agent that never began, or that nobody saw the end of. */
export function withoutRun(ended: AgentOutcome['ended'], reason: string, durationMs = 0): AgentOutcome {
  return { ended, reason, exitCode: null, words: '', durationMs, usage: null, concerns: [] };
}
