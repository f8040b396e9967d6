import { Problem } from '../../../core/problem/problem.ts';
import type { HeldAttachment } from '../../../schema/node-sync.ts';
import type { Ledger } from '../state/ledger.ts';
import type { AgentRecord, AllocationRecord } from '../state/record.ts';

/** What is known from a node’s agent; nothing yet of a node without one. */
export function agentOf(ledger: Ledger, node: string): AgentRecord {
  return ledger.claims.agent(node) ?? { addresses: [], suspects: [], revoked: [] };
}

/** The zone of a registered node; @throws Problem NODE_UNKNOWN */
export function zoneOf(ledger: Ledger, node: string): string {
  const zone = ledger.nodes.get(node)?.spec.zone;
  if (zone === undefined) {
    throw new Problem('NODE_UNKNOWN', `node ${node} is not registered`, { node });
  }
  return zone;
}

/** An allocation as nodes are told of it. */
export function heldAttachment(record: AllocationRecord): HeldAttachment {
  const { network, containerId, ifname, generation, ips } = record;
  return { network, containerId, ifname, generation, addresses: ips.map(({ address }) => address) };
}

/** A time in a request, in milliseconds since 1970; @throws Problem INVALID_REQUEST */
export function asOfIn(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new Problem('INVALID_REQUEST', `asOf: "${text}" is no time`, { field: 'asOf' });
  }
  return time;
}
