import { Problem } from '../../../core/problem/problem.ts';
import type { NodeStatus } from '../../../schema/node-sync.ts';
import type { Ledger } from '../state/ledger.ts';
import { agentOf } from './agent.ts';
import { epochOf } from './epoch.ts';
import { heldSuspects } from './suspects.ts';

/** What the ledger knows of a node beside what it was registered with; @throws Problem OBJECT_UNKNOWN */
export function statusOf(ledger: Ledger, node: string): Omit<NodeStatus, 'constraints'> {
  const zone = ledger.nodes.get(node)?.spec.zone;
  if (zone === undefined) {
    throw new Problem('OBJECT_UNKNOWN', `there is no node ${node}`);
  }
  const { syncedAt, fencedAt, addresses, suspects, revoked } = agentOf(ledger, node);
  return {
    node,
    zone,
    ...(syncedAt === undefined ? {} : { lastSync: new Date(syncedAt).toISOString() }),
    ...(fencedAt === undefined ? {} : { fencedAt: new Date(fencedAt).toISOString() }),
    epoch: epochOf(ledger),
    epochPending: ledger.epoch?.waitingFor.includes(node) === true,
    allocations: [...ledger.holders.ofNode(node)].length,
    warm: [...ledger.claims.warmOf(node)].length,
    addresses,
    suspects: heldSuspects(ledger, suspects),
    revoked,
  };
}
