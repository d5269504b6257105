/** Requests with a latency that the candidate has in a block: the noise of an instance grows with them. Plain JSON. */
export interface CandidateFlow {
  readonly block: number | null;
  /** Of the whole candidate in the present block, and over how many instances; and of one instance in the block before. */
  readonly requests: number;
  readonly instances: number;
  readonly before: number;
}

export const noFlow: CandidateFlow = { block: null, requests: 0, instances: 1, before: 0 };

export function observeFlow(
  flow: CandidateFlow,
  {
    block,
    requests,
    instances,
  }: { readonly block: number; readonly requests: number; readonly instances: number },
): CandidateFlow {
  const same = flow.block === null || block <= flow.block;
  return {
    block: Math.max(block, flow.block ?? block),
    requests: (same ? flow.requests : 0) + requests,
    instances: Math.max(same ? flow.instances : 1, instances),
    before: same ? flow.before : flow.requests / flow.instances,
  };
}

/** Requests of one instance in a block: of the last one, or of the present one where it already has more. */
export function requestsPerBlock({ requests, instances, before }: CandidateFlow): number {
  return Math.max(before, requests / instances);
}
