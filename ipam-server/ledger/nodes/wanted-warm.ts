import { Problem } from '../../../core/problem/problem.ts';
import type { AllocationRequest } from '../../../schema/allocation.ts';
import { type Allocated, allocate } from '../allocation/allocate.ts';
import type { Decision, Moment } from '../decision.ts';
import { recalls } from '../edits/recall.ts';
import type { Ledger } from '../state/ledger.ts';

/**
 * As `allocate`; but an address that is wanted by name and in another node's reserve is called back from there, so
 * that who asks again soon gets it. The refusal is then the answer, because it leaves a record.
 *
 * @throws Problem as `allocate`
 */
export function allocateOrRecall(
  ledger: Ledger,
  request: AllocationRequest,
  moment: Moment,
): Decision<Allocated | Problem> {
  try {
    return allocate(ledger, request, moment);
  } catch (error) {
    const address = error instanceof Problem ? error.facts['address'] : undefined;
    if (!(error instanceof Problem) || error.code !== 'ADDRESS_WARM' || typeof address !== 'string') {
      throw error;
    }
    return { writes: recalls(ledger, [address]), answer: error };
  }
}

/** The allocation, if it is one; @throws the problem that it is otherwise */
export function allocatedIn(answer: Allocated | Problem): Allocated {
  if (answer instanceof Problem) {
    throw answer;
  }
  return answer;
}
