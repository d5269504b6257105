import { sleep, systemClock } from '../base/clock.ts';
import { callController } from '../daemon/socket-client.ts';
import type { RolloutSummary, TargetStatus } from '../engine/api.ts';
import { stepText } from '../report/step-text.ts';
import { currentStep } from '../rollout/state.ts';
import type { Output } from './output.ts';

const lookMs = 200;

/** Shows each step of a rollout until it ends; resolves with how it ended. */
export async function followRollout(
  stateDir: string,
  asked: { readonly service: string; readonly to: string; readonly rollout: string },
  output: Output,
): Promise<RolloutSummary> {
  let last = '';
  for (;;) {
    const [status] = await callController(stateDir, 'status', { service: asked.service, to: asked.to });
    const line = status === undefined ? '' : lineOf(status, asked.rollout);
    if (line !== '' && line !== last) {
      last = line;
      output.say(line);
      if (output.json) output.answer({ type: 'step', rollout: asked.rollout, text: line }, '');
    }
    if (status?.state.rollout?.rollout !== asked.rollout) {
      const history = await callController(stateDir, 'history', { service: asked.service, to: asked.to });
      const found = history.find(({ rollout }) => rollout === asked.rollout);
      if (found !== undefined && found.endedAt !== null) return found;
    }
    await sleep(systemClock, lookMs);
  }
}

function lineOf({ state }: TargetStatus, asked: string): string {
  const { rollout } = state;
  if (rollout?.rollout !== asked) return '';
  if (rollout.phase === 'verifying') return '  verifying';
  const step = currentStep(rollout);
  const steps = rollout.phase === 'forward' ? rollout.plan.steps : rollout.plan.backSteps;
  const head = rollout.phase === 'forward' ? '→' : '←';
  return step === null ? '' : `  ${head} ${rollout.index + 1}/${steps.length} ${stepText(step)}`;
}
