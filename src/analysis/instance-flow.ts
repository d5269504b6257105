/** Requests with a latency that the instances of an arm have in a block. Plain JSON. */
export interface InstanceFlow {
  readonly block: number | null;
  /** Of the whole arm in the present block, and over how many instances; and of one instance in the block before. */
  readonly requests: number;
  readonly instances: number;
  readonly before: number;
}

export interface Flows {
  readonly candidate: InstanceFlow;
  readonly stable: InstanceFlow;
}

const noFlow: InstanceFlow = { block: null, requests: 0, instances: 1, before: 0 };
export const noFlows: Flows = { candidate: noFlow, stable: noFlow };

/** An instance of the candidate with more than this many times the requests of a stable one is not comparable with it. */
const unequal = 1.5;
/** Fewer candidate requests of a block say nothing about how they are spread. */
const leastRequests = 20;

export function observeFlow(
  flow: InstanceFlow,
  { block, requests, instances }: Pick<InstanceFlow, 'requests' | 'instances'> & { readonly block: number },
): InstanceFlow {
  const same = flow.block === null || block <= flow.block;
  return {
    block: Math.max(block, flow.block ?? block),
    requests: (same ? flow.requests : 0) + requests,
    instances: Math.max(same ? flow.instances : 1, instances),
    before: same ? flow.before : flow.requests / flow.instances,
  };
}

/** Requests of one instance in a block: of the last one, or of the present one where it already has more. */
export function requestsPerBlock({ requests, instances, before }: InstanceFlow): number {
  return Math.max(before, requests / instances);
}

/**
 * Whether an instance of the candidate carries more than one of stable. Stable keeps all its instances while it loses
 * requests, so this is so at high weights; load makes slow, and would pass for a slow release.
 */
export function isCrowded({ candidate, stable }: Flows): boolean {
  const now = candidate.requests / candidate.instances > (unequal * stable.requests) / stable.instances;
  const then = candidate.before > unequal * stable.before;
  return (candidate.requests >= leastRequests && now) || (candidate.before >= leastRequests && then);
}
