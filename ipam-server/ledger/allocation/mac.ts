import { Ip } from '../../../core/address/ip.ts';
import { defaultMacPrefix, Mac } from '../../../core/address/mac.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Ledger } from '../state/ledger.ts';
import type { AllocationRecord } from '../state/record.ts';
import { describe } from './attachment.ts';

/** The live allocation of a zone that has a MAC. */
function ownerOf(ledger: Ledger, zone: string, mac: string): AllocationRecord | undefined {
  for (const record of ledger.holders.ofMac(mac)) {
    if (ledger.nodes.get(record.node)?.spec.zone === zone) {
      return record;
    }
  }
  return undefined;
}

/** A MAC that the request asks for; @throws Problem MAC_IN_USE */
export function wantedMac(ledger: Ledger, zone: string, text: string): string {
  const mac = Mac.parse(text).toString();
  const owner = ownerOf(ledger, zone, mac);
  if (owner !== undefined) {
    throw new Problem('MAC_IN_USE', `${mac} belongs to ${describe(owner)}`);
  }
  return mac;
}

/**
 * The MAC that belongs to an allocation's addresses: of the IPv4 one, else of the IPv6 one. Where it is taken
 * (two IPv6 addresses may end alike) the next that is free.
 */
export function derivedMac(ledger: Ledger, zone: string, ips: readonly Ip[]): string {
  const prefix = ledger.zones.get(zone)?.spec.macPrefix ?? defaultMacPrefix;
  let ip = ips.find((each) => each.family === 'ipv4') ?? ips[0];
  for (;;) {
    if (ip === undefined) {
      throw new Error('an allocation without addresses has no MAC');
    }
    const mac = Mac.derived(prefix, ip).toString();
    if (ownerOf(ledger, zone, mac) === undefined) {
      return mac;
    }
    ip = new Ip('ipv4', (ip.value + 1n) & 0xffffffffn);
  }
}
