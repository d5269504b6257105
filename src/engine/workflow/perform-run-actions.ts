import { unreachable } from '../../base/invariant.ts';
import { briefOf } from '../../workflow/brief/brief.ts';
import type { PlanNode } from '../../workflow/plan/plan.ts';
import type { PlannedCriterion } from '../../workflow/plan/planned-criterion.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import type { Judgement, Performed } from '../../workflow/run/judgement.ts';
import { isAgent } from '../../workflow/run/people.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { escalate, notify } from './call-people.ts';
import { type Judged, judgeCriteria } from './judge-criteria.ts';
import { performStep } from './perform-step.ts';
import type { ProtectedPaths } from './protected-paths.ts';
import { revertGroup } from './revert-group.ts';
import { RunFiles } from './run-files.ts';
import type { PerformRun } from './run-loop.ts';
import { TakeSnapshot } from './take-snapshot.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** Of what a command printed, so much is looked at. */
const judgedBytes = 65_536;

/** Does what is pending in one run by the ports, and tells what was observed. */
export function performRun(parts: WorkflowParts, guarded: ProtectedPaths): PerformRun {
  const snapshots = new TakeSnapshot(parts);
  return async (action, { state, signal, tell }): Promise<readonly RunCommand[]> => {
    const run = state();
    const said = () => ({ at: parts.clock.now(), by: 'controller' }) as const;
    const judge = (criteria: readonly PlannedCriterion[], step: Judged['step'] = null) =>
      judgeCriteria(parts, { root: run.workspace, criteria, step, signal });
    const judgeStep = async (node: PlanNode, performed: Performed, output: string) => {
      const handle = node.executor?.kind === 'agent' ? node.executor.handle : null;
      const looked = await judge(node.criteria, {
        node,
        performed,
        output,
        told: briefOf(run, node, handle),
      });
      // Looked at once more: what a step left running may have waited for this moment.
      return [...looked, ...(await untouched(parts, guarded, run, node))];
    };
    switch (action.type) {
      case 'perform': {
        const { node, attempt } = action;
        const { performed, output } = await performStep(parts, { run, node, attempt, signal, tell }, guarded);
        const told = { ...said(), type: 'RecordPerformed', step: node.id, attempt, performed } as const;
        // What is seen at once is told at once: one append for both.
        if (!node.criteria.every(isSeenAtOnce)) return [told];
        const judgements = await judgeStep(node, performed, tailOf(output));
        return [told, { ...said(), type: 'RecordJudged', step: node.id, attempt, judgements }];
      }
      case 'judge-step': {
        const { node, attempt } = action;
        const { performed } = run.steps.get(node.id) ?? { performed: null };
        if (performed === null) return [];
        const files = new RunFiles(parts.stateDir, run.run);
        const output = performed.log === null ? '' : await files.tail(performed.log, judgedBytes);
        const judgements = await judgeStep(node, performed, output);
        return [{ ...said(), type: 'RecordJudged', step: node.id, attempt, judgements }];
      }
      case 'judge-preconditions': {
        const judgements = await judge(action.group.preconditions);
        return [{ ...said(), type: 'RecordPreconditions', group: action.group.id, judgements }];
      }
      case 'judge-group': {
        const judgements = await judge(action.group.criteria);
        return [{ ...said(), type: 'RecordGroupJudged', group: action.group.id, judgements }];
      }
      case 'snapshot':
        return [await snapshots.of(run, action.group, parts.clock.now())];
      case 'revert': {
        const reverted = await revertGroup(parts, run, action.group);
        return [{ ...said(), type: 'RecordReverted', group: action.group.id, ...reverted }];
      }
      case 'notify':
        await notify(parts, run, action.group);
        return [{ ...said(), type: 'RecordNotified', group: action.group.id }];
      case 'escalate': {
        const file = await escalate(parts, run, action.group);
        return [{ ...said(), type: 'RecordEscalated', group: action.group.id, file }];
      }
      case 'tick':
        // The loop waits for these by itself.
        return [];
      default:
        return unreachable(action);
    }
  };
}

function tailOf(output: string): string {
  const bytes = Buffer.from(output);
  return bytes.length <= judgedBytes ? output : bytes.subarray(-judgedBytes).toString();
}

/** A judgement that nobody asked for, where that by which is judged was changed by whoever did the step. */
async function untouched(
  parts: WorkflowParts,
  guarded: ProtectedPaths,
  run: WorkflowRun,
  node: PlanNode,
): Promise<readonly Judgement[]> {
  const { takenBy = null } = run.steps.get(node.id) ?? {};
  const byPerson = takenBy !== null && !isAgent({ by: takenBy });
  if (byPerson || (node.executor?.kind !== 'run' && node.executor?.kind !== 'agent')) return [];
  const changed = await guarded.changed(run);
  if (changed.length === 0) return [];
  const observed = `${changed.slice(0, 5).join(', ')} must not be changed while it is done, and was`;
  const seen = { holds: false, observed, digest: null, exitCode: null, excerpt: '', path: null };
  return [{ criterion: 'untouched', outcome: 'fails', seen: { ...seen, at: parts.clock.now() } }];
}

/** Others may take as long as a command or an answer does; meanwhile the step is known to be verified. */
function isSeenAtOnce({ test }: PlannedCriterion): boolean {
  if (test.kind === 'look') return test.look.kind === 'file' || test.look.kind === 'directory';
  return test.kind !== 'capability';
}
