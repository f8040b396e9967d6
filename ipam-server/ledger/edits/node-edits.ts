import { Problem } from '../../../core/problem/problem.ts';
import type { ClusterNode } from '../../../schema/node.ts';
import { firstBlocks, withoutBlocks } from '../auto/grow.ts';
import type { Decision } from '../decision.ts';
import { settledBy } from '../nodes/epoch.ts';
import { restingReserve } from '../nodes/fence.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';
import {
  checkPrecondition,
  deleting,
  type Precondition,
  type Put,
  putting,
  refuseWhileUsed,
  type User,
} from './edit.ts';
import { describeUser } from './users.ts';

/**
 * Registers a node; subnets of its zone with `autoRange` make it a range of its own where it has none.
 *
 * @throws Problem ZONE_UNKNOWN
 * @throws Problem IN_USE when a node with live allocations would move to another zone
 */
export function putNode(
  ledger: Ledger,
  name: string,
  spec: ClusterNode,
  asked: Precondition,
  now: number,
): Decision<Put> {
  const present = ledger.nodes.get(name);
  checkPrecondition(present, asked);
  if (!ledger.zones.has(spec.zone)) {
    throw new Problem('ZONE_UNKNOWN', `node ${name} cannot be in zone ${spec.zone}, which does not exist`);
  }
  if (present !== undefined && present.spec.zone !== spec.zone) {
    refuseWhileUsed(`node ${name} of zone ${present.spec.zone}`, usersOf(ledger, name));
  }
  const { writes, answer } = putting(ledger, present, (revision) => ({
    kind: 'node',
    name,
    record: { revision, spec },
  }));
  const left = present === undefined || present.spec.zone === spec.zone ? [] : withoutBlocks(ledger, name);
  return {
    writes: [...writes, ...left, ...firstBlocks(ledger, name, spec.zone, answer.revision, now)],
    answer,
  };
}

/**
 * Ranges that an admin made the node’s own stay, for its return; its reserve rests, and nobody waits for its sync any more.
 *
 * @throws Problem IN_USE while it has live allocations
 */
export function deleteNode(
  ledger: Ledger,
  name: string,
  asked: Precondition,
  now: number,
): Decision<undefined> {
  const decision = deleting(ledger.nodes.get(name), asked, { kind: 'node', name }, () =>
    usersOf(ledger, name),
  );
  if (decision.writes.length === 0) {
    return decision;
  }
  const agent: Write = { kind: 'agent', name, record: null };
  return {
    ...decision,
    writes: [
      ...decision.writes,
      ...restingReserve(ledger, name, now),
      ...withoutBlocks(ledger, name),
      ...(ledger.claims.agent(name) === undefined ? [] : [agent]),
      ...settledBy(ledger, name),
    ],
  };
}

function usersOf(ledger: Ledger, node: string): User[] {
  return Array.from(ledger.holders.ofNode(node), (record) => describeUser(record, record.ips));
}
