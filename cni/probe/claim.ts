import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { decodeArp, unspecifiedIpv4 } from './arp.ts';
import { decodeFrame, etherTypes, type Frame } from './ethernet.ts';
import { decodeNdp, unspecifiedIpv6 } from './ndp.ts';

/** Another host that has an address, or is about to take it. */
export interface Claim {
  readonly ip: Ip;
  readonly mac: Mac;
}

/**
 * The claim that a frame makes on one of the addresses, if it makes one. ARP: whatever is sent from the address, and
 * a probe for it by another host (RFC 5227 §2.1.1). IPv6: an advertisement of it, and a solicitation for it from `::`
 * (RFC 4862 §5.4.3, §5.4.4).
 *
 * @param own MACs that the probes are sent from: a switch may send them back
 */
export function claimIn(octets: Uint8Array, ips: readonly Ip[], own: readonly Mac[]): Claim | undefined {
  const frame = decodeFrame(octets);
  const claim =
    frame?.type === etherTypes.arp ? arpClaim(frame) : frame?.type === etherTypes.ipv6 && ndpClaim(frame);
  if (!claim || own.some((mac) => mac.equals(claim.mac))) {
    return undefined;
  }
  return ips.some((ip) => ip.equals(claim.ip)) ? claim : undefined;
}

function arpClaim({ payload }: Frame): Claim | undefined {
  const arp = decodeArp(payload);
  if (arp === undefined) {
    return undefined;
  }
  const { operation, senderIp, senderMac: mac, targetIp } = arp;
  if (!senderIp.equals(unspecifiedIpv4)) {
    return { ip: senderIp, mac };
  }
  return operation === 'request' ? { ip: targetIp, mac } : undefined;
}

function ndpClaim({ payload, source }: Frame): Claim | undefined {
  const ndp = decodeNdp(payload);
  if (ndp === undefined) {
    return undefined;
  }
  if (ndp.kind === 'advertisement') {
    return { ip: ndp.target, mac: ndp.mac ?? source };
  }
  return ndp.source.equals(unspecifiedIpv6) ? { ip: ndp.target, mac: source } : undefined;
}
