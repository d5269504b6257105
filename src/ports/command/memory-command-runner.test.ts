import { systemClock } from '../../base/clock.ts';
import { commandRunnerContract, commands } from './contract.ts';
import { MemoryCommandRunner } from './memory-command-runner.ts';

commandRunnerContract('the memory runner', async () => {
  const runner = new MemoryCommandRunner({
    clock: systemClock,
    pretend: ({ spec }) => {
      if (spec.run === commands.good) return { exitCode: 0, output: 'out\nerr\n' };
      if (spec.run === commands.bad) return { exitCode: 7, output: 'no\n' };
      return { exitCode: 0, takesMs: Number.POSITIVE_INFINITY };
    },
  });
  return { runner, directory: 'nowhere', close: () => runner.close() };
});
