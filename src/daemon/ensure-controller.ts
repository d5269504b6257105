import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from '../base/clock.ts';
import { isErrorFacts, SluiceError } from '../base/sluice-error.ts';
import { type ProjectPlace, prepareState } from './project-place.ts';
import { callController } from './socket-client.ts';

const startMs = 20_000;
/** A ping costs nothing: a controller that needs longer hangs, or its machine does. */
const answerMs = 10_000;

/** The project's controller: the one that answers, or a new process that outlives this one. `controller-start-failed`. */
export async function ensureController(place: ProjectPlace): Promise<void> {
  await prepareState(place);
  if (await answers(place.stateDir)) return;
  const log = await open(join(place.stateDir, 'controller.log'), 'a', 0o600);
  const { size } = await log.stat();
  const own = fileURLToPath(import.meta.url);
  const main = fileURLToPath(new URL(`../main${extname(own)}`, import.meta.url));
  // Workflow documents need no sluice.yml.
  const where = existsSync(place.file) ? ['--config', place.file] : ['--root', place.root];
  const child = spawn(process.execPath, [main, 'serve', ...where], {
    cwd: place.root,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn');
  child.unref();
  await log.close();
  for (const until = systemClock.monotonicMs() + startMs; ; ) {
    if (await answers(place.stateDir)) return;
    const ended = child.exitCode !== null || child.signalCode !== null;
    // Somebody else started one at the same moment: theirs will answer.
    const lost = ended && (await saidAfter(size, place.stateDir)).includes('(controller-running)');
    if ((ended && !lost) || systemClock.monotonicMs() > until) throw await notStarted(size, place.stateDir);
    await sleep(systemClock, 25);
  }
}

async function answers(stateDir: string): Promise<boolean> {
  try {
    await callController(stateDir, 'ping', {}, { timeoutMs: answerMs });
    return true;
  } catch (error) {
    if (isErrorFacts(error) && error.code === 'controller-unreachable') return false;
    throw error;
  }
}

async function notStarted(logStart: number, stateDir: string): Promise<SluiceError> {
  const said = (await saidAfter(logStart, stateDir)).split('\n').slice(-3).join(' ');
  return new SluiceError({
    code: 'controller-start-failed',
    message: `The controller did not start: ${said || 'it said nothing'}`,
    remedy: `Read ${join(stateDir, 'controller.log')}, or run \`sluice serve\` to see it.`,
  });
}

async function saidAfter(logStart: number, stateDir: string): Promise<string> {
  const text = await readFile(join(stateDir, 'controller.log')).catch(() => Buffer.alloc(0));
  return text.subarray(logStart).toString().trim();
}
