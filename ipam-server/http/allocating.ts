import { Problem } from '../../core/problem/problem.ts';
import type { AllocationRequest } from '../../schema/allocation.ts';
import { enrich } from '../kube/enrich.ts';
import type { Pods } from '../kube/pods.ts';
import type { Allocated } from '../ledger/allocation/allocate.ts';
import type { Decision, Moment } from '../ledger/decision.ts';
import { allocateOrRecall } from '../ledger/nodes/wanted-warm.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { attachmentName } from '../ledger/state/record.ts';
import type { Keeper } from '../store/keeper.ts';
import type { Caller } from './caller.ts';

/** Decides on one allocation; a refusal that leaves a record is an answer, see `allocatedIn`. */
export type Allocating = (ledger: Ledger, moment: Moment) => Decision<Allocated | Problem>;

/**
 * What decides on a request, after the API server has told of its pod; an attachment that has its addresses is
 * answered without asking.
 *
 * @param isReleasedBefore in a batch whose releases name the attachment: it will have none then
 * @throws Problem KUBE_UNAVAILABLE, ANNOTATION_INVALID, OVERLOADED
 */
export async function allocating(
  pods: Pods,
  keeper: Keeper,
  request: AllocationRequest,
  caller: Caller,
  isReleasedBefore = false,
): Promise<Allocating> {
  const name = attachmentName(request);
  if (!isReleasedBefore && keeper.peek((ledger) => ledger.holders.ofAttachment(name)) !== undefined) {
    return (ledger, moment) => {
      if (ledger.holders.ofAttachment(name) === undefined) {
        throw new Problem(
          'KUBE_UNAVAILABLE',
          `${name} was released in this moment; its pod was not looked up`,
        );
      }
      return allocateOrRecall(ledger, request, moment);
    };
  }
  const { request: known, isProven } = await enrich(pods, request, caller);
  return (ledger, moment) => {
    const { pod } = known;
    if (!isProven && pod !== undefined && ledger.claims.reservations.ofPod(pod).length > 0) {
      const detail = `${pod.namespace}/${pod.name} (${pod.uid ?? 'without uid'}) is not on node ${request.node}`;
      throw new Problem('POD_NOT_ON_NODE', detail, { node: request.node });
    }
    return allocateOrRecall(ledger, known, moment);
  };
}
