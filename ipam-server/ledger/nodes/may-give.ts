import { Problem } from '../../../core/problem/problem.ts';
import type { Ledger } from '../state/ledger.ts';
import { checkSettled } from './epoch.ts';

/**
 * Whether a node is given addresses at the moment. One that was fenced and has an agent first syncs: until then the
 * pods that were taken from it may live on unseen. One that never synced has no agent that could.
 *
 * @throws Problem EPOCH_PENDING, NODE_FENCED
 */
export function checkMayGive(ledger: Ledger, node: string): void {
  checkSettled(ledger);
  const agent = ledger.claims.agent(node);
  if (agent?.fencedAt !== undefined && agent.syncedAt !== undefined) {
    const since = new Date(agent.fencedAt).toISOString();
    const detail = `node ${node} is fenced since ${since} and its agent has not synced since`;
    throw new Problem('NODE_FENCED', detail, { node, fencedAt: since });
  }
}
