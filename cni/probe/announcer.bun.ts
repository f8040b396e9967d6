import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { announcementFrame } from './announcement.ts';
import { frameFilter } from './filter.ts';
import { PacketSocket } from './packet-socket.bun.ts';

/**
 * Tells the network, once, that an interface of the process's namespace answers for these addresses.
 *
 * @throws NetlinkError when the interface is gone
 */
export function announceBy({ index, mac }: { index: number; mac: Mac }, ips: readonly Ip[]): void {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const own = ips.filter((ip) => ip.family === family);
    if (own.length > 0) {
      const socket = PacketSocket.open({
        index,
        family,
        filter: frameFilter(family, own, index),
        groups: [],
      });
      for (const ip of own) {
        socket.send(announcementFrame(mac, ip));
      }
      socket.close();
    }
  }
}
