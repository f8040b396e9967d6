import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { arpRequest, encodeArp, unspecifiedIpv4 } from './arp.ts';
import { broadcast, encodeFrame, etherTypes } from './ethernet.ts';
import { encodeNdp, multicastMac, solicitation, unspecifiedIpv6 } from './ndp.ts';

/**
 * The frame that asks the network who has an address.
 *
 * @param source MAC of the interface that it is sent from
 * @param asker an address of our own; absent: nobody's, so that it is a probe and no cache learns from it
 * @param answerTo the MAC that ARP's answer goes to, where that is not the one that a switch shall learn
 */
export function questionFrame(source: Mac, ip: Ip, asker?: Ip, answerTo = source): Uint8Array {
  if (ip.family === 'ipv4') {
    const payload = encodeArp(arpRequest(answerTo, asker ?? unspecifiedIpv4, ip));
    return encodeFrame({ destination: broadcast, source, type: etherTypes.arp, payload });
  }
  const ndp = solicitation(source, asker ?? unspecifiedIpv6, ip);
  const destination = multicastMac(ndp.destination);
  return encodeFrame({ destination, source, type: etherTypes.ipv6, payload: encodeNdp(ndp) });
}
