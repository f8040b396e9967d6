import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { type AllocationRecord, attachmentName } from '../state/record.ts';
import type { Change } from './event.ts';

/** An allocation that begins, ends, or gives way to another of the same attachment. */
export function allocationChanges(
  ledger: Ledger,
  name: string,
  after: AllocationRecord | null,
  decision: Decision<unknown>,
): Change[] {
  const before = ledger.holders.ofAttachment(name);
  if (before !== undefined && after !== null && isSame(before, after)) {
    return [];
  }
  const changes: Change[] = [];
  if (before !== undefined) {
    const since = new Date(before.at).toISOString();
    const type = isRevoked(before, decision) ? 'revoked' : 'released';
    changes.push({ type, ...describe(before, decision.why), since });
  }
  if (after !== null) {
    changes.push({ type: decision.allocatedAs ?? 'allocated', ...describe(after, decision.why) });
  }
  return changes;
}

/** Whose allocation it is, for an event about it. */
export function holderIn({ network, containerId, ifname, node, generation }: AllocationRecord) {
  return { network, containerId, ifname, node, generation };
}

function describe(record: AllocationRecord, why: string | undefined): Omit<Change, 'type'> {
  const { mac, pod } = record;
  return {
    addresses: record.ips.map(({ address }) => address),
    ...holderIn(record),
    mac,
    ...(pod === undefined ? {} : { pod }),
    ...(why === undefined ? {} : { why }),
  };
}

function isSame(before: AllocationRecord, after: AllocationRecord): boolean {
  return (
    before.generation === after.generation &&
    before.ips.length === after.ips.length &&
    before.ips.every(({ address }, i) => address === after.ips[i]?.address)
  );
}

/** Reports whether the node has to be told, when it comes back, that the allocation is no longer its own. */
function isRevoked(record: AllocationRecord, { writes }: Decision<unknown>): boolean {
  const name = attachmentName(record);
  return writes.some(
    (write) =>
      write.kind === 'agent' &&
      write.record?.revoked.some(
        (entry) => entry.generation === record.generation && attachmentName(entry) === name,
      ),
  );
}
