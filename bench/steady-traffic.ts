import type { Clock } from '../src/base/clock.ts';
import type { InstanceCounts, SparseHistogram, TrafficCounts } from '../src/base/counts.ts';
import type { TargetId } from '../src/base/ids.ts';
import { latencyBucket } from '../src/base/latency-buckets.ts';
import type { Backend } from '../src/base/route-table.ts';
import { MemoryTraffic } from '../src/ports/traffic/memory-traffic.ts';

/** Requests that each instance answers, a second. */
const rate = 20;

/** The router in memory, with users: every instance in force answers some requests between any two questions. */
export class SteadyTraffic extends MemoryTraffic {
  readonly #clock: Clock;
  readonly #since: number;
  readonly #asked: (target: TargetId) => void;

  /** `asked` is told of each question for counts. */
  constructor(clock: Clock, asked: (target: TargetId) => void) {
    super({ clock });
    this.#clock = clock;
    this.#asked = asked;
    this.#since = clock.now();
  }

  override async counts(target: TargetId): Promise<TrafficCounts> {
    this.#asked(target);
    const at = this.#clock.now();
    const requests = Math.floor(((at - this.#since) * rate) / 1_000);
    const table = this.tables.get(target);
    const backends = [...(table?.stable ?? []), ...(table?.candidate ?? [])];
    const instances = backends.map((backend) => countsOf(backend, requests));
    return { epoch: 'e1', at, instances, slots: [], routes: [], unserved: 0 };
  }
}

/** One in five hundred fails; latencies spread over four buckets. */
function countsOf({ instance, generation }: Backend, requests: number): InstanceCounts {
  const bad = Math.floor(requests / 500);
  const latency: SparseHistogram = [8, 12, 20, 45].map((ms, index) => [
    latencyBucket(ms),
    Math.floor((requests + index) / 4),
  ]);
  const statuses = { '2xx': requests - bad, '3xx': 0, '4xx': 0, '5xx': bad, error: 0 };
  const none = { clientErrors: 0, safeRequests: requests, safeBad: bad, abandoned: [], inFlight: 0 };
  return { instance, generation, requests, bad, statuses, latency, ...none };
}
