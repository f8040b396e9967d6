import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { arpRequest, encodeArp } from './arp.ts';
import { broadcast, encodeFrame, etherTypes } from './ethernet.ts';
import { advertisement, encodeNdp, multicastMac } from './ndp.ts';

/**
 * The frame that tells the network which MAC has an address, so that caches with another one take it: the announcement
 * of RFC 5227 §3, or an unsolicited neighbour advertisement.
 */
export function announcementFrame(source: Mac, ip: Ip): Uint8Array {
  if (ip.family === 'ipv4') {
    const payload = encodeArp(arpRequest(source, ip, ip));
    return encodeFrame({ destination: broadcast, source, type: etherTypes.arp, payload });
  }
  const ndp = advertisement(source, ip);
  const destination = multicastMac(ndp.destination);
  return encodeFrame({ destination, source, type: etherTypes.ipv6, payload: encodeNdp(ndp) });
}
