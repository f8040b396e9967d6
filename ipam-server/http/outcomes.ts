import { Problem } from '../../core/problem/problem.ts';
import type { Allocated } from '../ledger/allocation/allocate.ts';
import type { AllocationOutcome, Metrics } from './metrics.ts';

/** Why a request for an allocation was not granted, as a label. */
function outcomeOf(error: unknown): AllocationOutcome {
  if (!(error instanceof Problem)) {
    return 'failed';
  }
  if (error.code === 'RANGE_EXHAUSTED') {
    return 'exhausted';
  }
  const { status = 500 } = error.kind;
  return status === 503 ? 'unavailable' : status < 500 ? 'refused' : 'failed';
}

/** What became of the items of a call: counted as they are decided, told when they are durable. */
export class Outcomes {
  readonly #allocations: AllocationOutcome[] = [];
  readonly #releases: ('released' | 'nothing')[] = [];

  /** Notes what an allocation comes to; @throws what it throws */
  ofAllocation(allocate: () => Allocated): Allocated {
    try {
      const done = allocate();
      this.#allocations.push(done.created ? 'created' : 'existing');
      return done;
    } catch (error) {
      this.#allocations.push(outcomeOf(error));
      throw error;
    }
  }

  released(isSomething: boolean): void {
    this.#releases.push(isSomething ? 'released' : 'nothing');
  }

  tell(metrics: Metrics): void {
    for (const outcome of this.#allocations) {
      metrics.allocations.inc({ outcome });
    }
    for (const outcome of this.#releases) {
      metrics.releases.inc({ outcome });
    }
  }
}

/**
 * Counts one allocation by its outcome and measures it. Failed ones are counted and not measured: refusals take no
 * time and would flatter the figures.
 */
export async function measureAllocation(
  metrics: Metrics,
  allocate: () => Promise<Allocated>,
): Promise<Allocated> {
  const start = performance.now();
  try {
    const done = await allocate();
    metrics.allocationSeconds.observe((performance.now() - start) / 1000);
    metrics.allocations.inc({ outcome: done.created ? 'created' : 'existing' });
    return done;
  } catch (error) {
    metrics.allocations.inc({ outcome: outcomeOf(error) });
    throw error;
  }
}
