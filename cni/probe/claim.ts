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

/** What a frame says of an address: that its sender has it, or that it asks whether it may take it. */
export interface Said extends Claim {
  readonly how: 'has' | 'probes';
}

/**
 * The claim that a frame makes on one of the addresses, if it makes one.
 *
 * @param own MACs that the probes are sent from: a switch may send them back
 */
export function claimIn(octets: Uint8Array, ips: readonly Ip[], own: readonly Mac[]): Claim | undefined {
  const said = saidIn(octets);
  if (said === undefined || own.some((mac) => mac.equals(said.mac))) {
    return undefined;
  }
  return ips.some((ip) => ip.equals(said.ip)) ? { ip: said.ip, mac: said.mac } : undefined;
}

/**
 * Who claims what in a frame, if anybody does. ARP: whatever is sent from the address, and a probe for it (RFC 5227
 * §2.1.1). IPv6: an advertisement of it, and a solicitation for it from `::` (RFC 4862 §5.4.3, §5.4.4).
 */
export function saidIn(octets: Uint8Array): Said | undefined {
  const frame = decodeFrame(octets);
  return frame?.type === etherTypes.arp
    ? saidByArp(frame)
    : frame?.type === etherTypes.ipv6
      ? saidByNdp(frame)
      : undefined;
}

function saidByArp({ payload }: Frame): Said | undefined {
  const arp = decodeArp(payload);
  if (arp === undefined) {
    return undefined;
  }
  const { operation, senderIp, senderMac: mac, targetIp } = arp;
  if (!senderIp.equals(unspecifiedIpv4)) {
    return { ip: senderIp, mac, how: 'has' };
  }
  return operation === 'request' ? { ip: targetIp, mac, how: 'probes' } : undefined;
}

function saidByNdp({ payload, source }: Frame): Said | undefined {
  const ndp = decodeNdp(payload);
  if (ndp === undefined) {
    return undefined;
  }
  if (ndp.kind === 'advertisement') {
    return { ip: ndp.target, mac: ndp.mac ?? source, how: 'has' };
  }
  return ndp.source.equals(unspecifiedIpv6) ? { ip: ndp.target, mac: source, how: 'probes' } : undefined;
}
