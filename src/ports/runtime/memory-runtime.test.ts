import { systemClock } from '../../base/clock.ts';
import { quickRestarts, runtimeContract } from './contract.ts';
import { MemoryRuntime } from './memory-runtime.ts';

runtimeContract('the memory runtime', async () => {
  const runtime = new MemoryRuntime({
    clock: systemClock,
    restarts: quickRestarts,
    behaviour: ({ release }) => {
      if (release.run.start === 'exits') return { kind: 'exits', afterMs: 1, code: 3 };
      return release.run.start === 'hangs' ? { kind: 'hangs' } : { kind: 'becomes-ready', afterMs: 5 };
    },
  });
  return {
    runtime,
    directory: 'nowhere',
    command: (program) => program,
    kill: ({ id }) => runtime.crash(id),
    close: () => runtime.close(),
  };
});
