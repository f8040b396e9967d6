import { podName } from './attachment.ts';
import type { User } from './edit.ts';
import type { Ledger } from './ledger.ts';
import { type AllocationRecord, attachmentName, type HeldAddress } from './record.ts';

/** The allocations with an address that is of interest, such as one of a range. */
export function allocationsWith(
  ledger: Ledger,
  isMeant: (held: HeldAddress, record: AllocationRecord) => boolean,
): User[] {
  const users: User[] = [];
  for (const record of ledger.holders.all()) {
    const meant = record.ips.filter((held) => isMeant(held, record));
    if (meant.length > 0) {
      users.push(describeUser(record, meant));
    }
  }
  return users;
}

/** An attachment as a user of what an edit would take away. */
export function describeUser(record: AllocationRecord, held: readonly HeldAddress[]): User {
  const pod = podName(record);
  return {
    kind: 'allocation',
    name: attachmentName(record),
    node: record.node,
    ...(pod === undefined ? {} : { pod }),
    addresses: held.map((each) => each.address),
  };
}
