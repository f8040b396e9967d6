import { Ip } from '../../../core/address/ip.ts';
import type { Range } from '../../../core/address/range.ts';
import { podName } from '../allocation/attachment.ts';
import { IntervalMap } from '../state/interval-map.ts';
import type { Ledger } from '../state/ledger.ts';
import { type AllocationRecord, attachmentName, type HeldAddress } from '../state/record.ts';
import type { User } from './edit.ts';

/** Who would lose something, were addresses taken away: attachments, and nodes that hold them in reserve. */
export interface Users {
  readonly allocations: readonly User[];
  readonly reserves: readonly User[];
}

/**
 * Who has addresses of some parts, which do not overlap; costs the least of what they span and what is in use.
 *
 * @param isMeant by the node that has them
 */
export function usersIn(
  ledger: Ledger,
  parts: readonly Range[],
  isMeant: (node: string) => boolean = () => true,
): Users {
  const { holders, claims } = ledger;
  const held = new Map<AllocationRecord, HeldAddress[]>();
  const warm = new Map<string, string[]>();
  for (const address of inUse(ledger, parts)) {
    const record = holders.ofAddress(address);
    const node = record?.node ?? claims.warm(address)?.node;
    if (node === undefined || !isMeant(node)) {
      continue;
    }
    if (record === undefined) {
      warm.set(node, [...(warm.get(node) ?? []), address]);
    } else {
      held.set(record, [...(held.get(record) ?? []), ...record.ips.filter((ip) => ip.address === address)]);
    }
  }
  return {
    allocations: Array.from(held, ([record, ips]) => describeUser(record, ips)),
    reserves: Array.from(warm, ([name, addresses]) => ({ kind: 'reserve', name, addresses })),
  };
}

/** The addresses of some parts that may be in use. */
function* inUse({ holders, claims }: Ledger, parts: readonly Range[]): Iterable<string> {
  const span = parts.reduce((sum, { size }) => sum + size, 0n);
  if (span <= holders.addressCount + claims.size) {
    for (const { first, last } of parts) {
      for (let value = first.value; value <= last.value; value++) {
        yield new Ip(first.family, value).toString();
      }
    }
    return;
  }
  const map = new IntervalMap(parts, (part) => part);
  for (const address of holders.addresses()) {
    if (map.find(Ip.parse(address)) !== undefined) {
      yield address;
    }
  }
  for (const [address] of claims.allWarm()) {
    // One that is allocated as well has been told above.
    if (map.find(Ip.parse(address)) !== undefined && holders.ofAddress(address) === undefined) {
      yield address;
    }
  }
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
