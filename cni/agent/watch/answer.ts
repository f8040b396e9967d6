import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import { encodeArp, unspecifiedIpv4 } from '../../probe/arp.ts';
import { encodeFrame, etherTypes } from '../../probe/ethernet.ts';

/**
 * The answer to an ARP probe: "it is I who has it", to the asker alone (RFC 5227 §2.1.1). The kernel gives none for
 * pods behind the node, because a probe has no sender; duplicate detection of IPv6 it answers for them.
 */
export function probeAnswer(own: Mac, ip: Ip, asker: Mac): Uint8Array {
  const payload = encodeArp({
    operation: 'reply',
    senderMac: own,
    senderIp: ip,
    targetMac: asker,
    targetIp: unspecifiedIpv4,
  });
  return encodeFrame({ destination: asker, source: own, type: etherTypes.arp, payload });
}
