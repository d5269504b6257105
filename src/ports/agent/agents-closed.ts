import { SluiceError } from '../../base/sluice-error.ts';

export function agentsClosed(id: string): SluiceError {
  return new SluiceError({
    code: 'agents-closed',
    message: `The agents were closed; agent ${id} goes on if it is a command that had begun.`,
    remedy: 'Open them again and run the same id: it joins the command or gives its outcome.',
  });
}
