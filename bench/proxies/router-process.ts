// The router as `sluice router` starts it, with the engine that is named: `node router-process.ts <state directory> <engine>`.
import { systemClock } from '../../src/base/clock.ts';
import { createEngine, engineNames } from '../../src/router/create-engine.ts';
import { startRouter } from '../../src/router/router.ts';
import { socketPathFor } from '../../src/router/socket-path.ts';

const [stateDir = '.', wanted = ''] = process.argv.slice(2);
const engine = engineNames.find((name) => name === wanted);
if (engine === undefined) throw new Error(`"${wanted}" is no engine; there are ${engineNames.join(' and ')}`);

const router = await startRouter({
  stateDir,
  socketPath: socketPathFor(stateDir, 'router'),
  clock: systemClock,
  random: Math.random,
  engine: createEngine(engine, systemClock),
});
process.on('SIGTERM', async () => {
  await router.close({ graceMs: 0 });
  process.exit(0);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
