import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Change } from './event.ts';

/** Addresses of one node that came to its reserve or left it, in one event each. */
class Group {
  readonly addresses: string[] = [];
  readonly type: string;
  readonly node: string;

  constructor(type: string, node: string) {
    this.type = type;
    this.node = node;
  }
}

/**
 * Addresses that a node’s reserve takes or gives back, those of one node together: a reserve is filled at once.
 * What leaves it for a pod or a quarantine is told by that.
 */
export function warmChanges(ledger: Ledger, { writes, why }: Decision<unknown>): Change[] {
  const elsewhere = new Set(
    writes.flatMap((write) => {
      if (write.kind === 'allocation') {
        return write.record?.ips.map(({ address }) => address) ?? [];
      }
      return write.kind === 'conflict' && write.record !== null ? [write.name] : [];
    }),
  );
  const groups = new Map<string, Group>();
  const add = (type: string, node: string, address: string) => {
    const key = `${type} ${node}`;
    const group = groups.get(key) ?? new Group(type, node);
    groups.set(key, group);
    group.addresses.push(address);
  };
  for (const write of writes) {
    if (write.kind !== 'warm') {
      continue;
    }
    const before = ledger.claims.warm(write.name);
    const after = write.record;
    if (before !== undefined && before.node !== after?.node && !elsewhere.has(write.name)) {
      add('returned', before.node, write.name);
    }
    if (after !== null && before?.node !== after.node) {
      add('warm', after.node, write.name);
    }
  }
  return Array.from(groups.values(), ({ type, node, addresses }) => ({
    type,
    addresses,
    node,
    ...(why === undefined ? {} : { why }),
  }));
}
