import type { Notice } from '../../ports/notify/port.ts';
import { escalationText } from '../../workflow/documents/escalation-text.ts';
import type { PlanGroup } from '../../workflow/plan/plan.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { RunFiles } from './run-files.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** Writes the escalation of a group, has it delivered to whom the document names, and gives its path below the state directory. */
export async function escalate(parts: WorkflowParts, run: WorkflowRun, group: PlanGroup): Promise<string> {
  const files = new RunFiles(parts.stateDir, run.run);
  const { failedStep } = run.groups.get(group.id) ?? { failedStep: null };
  const attempt = failedStep === null ? 0 : (run.steps.get(failedStep)?.attempt ?? 0);
  const path = files.pathOf(`Escalation-${encodeURIComponent(group.id)}-${attempt}.md`);
  const log = failedStep === null ? null : (run.steps.get(failedStep)?.performed?.log ?? null);
  const tail = log === null ? '' : await files.tail(log, 4_000);
  const text = escalationText(run, group, { at: parts.clock.now(), log: tail });
  await files.keep(path, text);
  await deliver(parts, run, group, { kind: 'escalation', text });
  return path;
}

/** Tells of a failure that the document lets pass. */
export async function notify(parts: WorkflowParts, run: WorkflowRun, group: PlanGroup): Promise<void> {
  const text = escalationText(run, group, { at: parts.clock.now(), log: '' });
  await deliver(parts, run, group, { kind: 'decision', text });
}

async function deliver(
  parts: WorkflowParts,
  run: WorkflowRun,
  group: PlanGroup,
  { kind, text }: { readonly kind: Notice['kind']; readonly text: string },
): Promise<void> {
  const { to } = group.failure;
  const entry = run.plan?.agents.find(({ handle }) => handle === to);
  const { failedStep, notReverted = [] } = run.groups.get(group.id) ?? {};
  const notice: Notice = {
    id: `${run.run}-${group.id}-${kind}-${failedStep ?? 'whole'}`,
    kind,
    at: parts.clock.now(),
    title: `${failedStep ?? group.id} needs ${to ?? 'a person'}`,
    body: text,
    facts: { run: run.run, group: group.id, step: failedStep ?? null, to, notReverted },
  };
  const channel = entry?.notice ?? null;
  if (channel === null) return parts.notifier.deliver(notice, { kind: 'terminal' });
  const way = /^https?:\/\//.test(channel)
    ? ({ kind: 'webhook', url: channel } as const)
    : ({ kind: 'command', run: channel } as const);
  // A channel that is down does not hold up the run; the escalation is on disk and in the status.
  await parts.notifier.deliver(notice, way).catch((error: unknown) => parts.log(`${to}: ${String(error)}`));
}
