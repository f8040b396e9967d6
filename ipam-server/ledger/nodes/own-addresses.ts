import { Ip } from '../../../core/address/ip.ts';
import type { SyncConflict } from '../../../schema/node-sync.ts';
import { describe } from '../allocation/attachment.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';

/** A node's own addresses in canonical form, each once. */
export function ownAddresses(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => Ip.parse(text).toString()))];
}

/** Those that somebody else has, too: a pod, or another node. */
export function ownConflicts(ledger: Ledger, node: string, addresses: readonly string[]): SyncConflict[] {
  return addresses.flatMap((address): SyncConflict[] => {
    const owner = ledger.holders.ofAddress(address);
    if (owner !== undefined) {
      const { network, containerId, ifname } = owner;
      const why = `it is the node’s own, and belongs to ${describe(owner)}`;
      return [{ address, network, containerId, ifname, code: 'ADDRESS_IN_USE', why }];
    }
    const other = ledger.claims.nodesWith(address).find((each) => each !== node);
    return other === undefined
      ? []
      : [{ address, code: 'ADDRESS_RESERVED', why: `it is node ${other}’s own, too` }];
  });
}

/** A node's own address is in no reserve any more. */
export function leavingReserves(ledger: Ledger, addresses: readonly string[]): Write[] {
  return addresses
    .filter((address) => ledger.claims.warm(address) !== undefined)
    .map((address) => ({ kind: 'warm', name: address, record: null }));
}
