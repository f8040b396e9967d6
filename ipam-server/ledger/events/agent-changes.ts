import type { Ledger } from '../state/ledger.ts';
import type { AgentRecord } from '../state/record.ts';
import type { Change } from './event.ts';

/** What is new about a node: addresses of its own, which are reserved by that, and whether it is fenced. */
export function agentChanges(
  ledger: Ledger,
  node: string,
  after: AgentRecord | null,
  why: string | undefined,
): Change[] {
  const before = ledger.claims.agent(node);
  const had = before?.addresses ?? [];
  const has = after?.addresses ?? [];
  const own = 'the node’s own address';
  const changes: Change[] = [];
  const gone = had.filter((address) => !has.includes(address));
  const come = has.filter((address) => !had.includes(address));
  if (gone.length > 0) {
    changes.push({ type: 'unreserved', addresses: gone, node, why: why ?? own });
  }
  if (come.length > 0) {
    changes.push({ type: 'reserved', addresses: come, node, why: why ?? own });
  }
  if ((before?.fencedAt === undefined) !== (after?.fencedAt === undefined)) {
    const type = after?.fencedAt === undefined ? 'node.returned' : 'node.fenced';
    changes.push({ type, addresses: [], node, object: node, ...(why === undefined ? {} : { why }) });
  }
  return changes;
}
