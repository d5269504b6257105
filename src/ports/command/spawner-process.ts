// The process that starts commands for a controller, and ends with it. What it had released goes on.
import { type GatedProcess, type GatedScript, startGated } from '../runtime/gated-process.ts';
import type { GroupLeader } from '../runtime/process-group.ts';
import { WaitingShell } from './waiting-shell.ts';

export type SpawnerRequest =
  | { readonly kind: 'start'; readonly key: number; readonly order: GatedScript }
  | { readonly kind: 'release' | 'discard'; readonly key: number };

export type SpawnerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly key: number; readonly leader: GroupLeader }
  | { readonly kind: 'failed' | 'ended'; readonly key: number };

const waiting = new Map<number, GatedProcess>();
const ahead = new WaitingShell();

process.on('message', (request: SpawnerRequest) => {
  if (request.kind === 'start') return void start(request);
  waiting.get(request.key)?.[request.kind]();
  waiting.delete(request.key);
});
process.once('disconnect', () => process.exit());
tell({ kind: 'ready' });

async function start({ key, order }: Extract<SpawnerRequest, { kind: 'start' }>): Promise<void> {
  try {
    const gated = ahead.take(order) ?? (await startGated(order));
    waiting.set(key, gated);
    gated.child.once('exit', () => {
      tell({ kind: 'ended', key });
      void ahead.prepare(order).catch(() => undefined);
    });
    tell({ kind: 'started', key, leader: gated.leader });
  } catch {
    tell({ kind: 'failed', key });
  }
}

/** Nobody is there any more who could be told of a channel that broke. */
function tell(answer: SpawnerAnswer): void {
  process.send?.(answer, () => undefined);
}
