import type { Family, Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { within } from '../../netlink/netns.bun.ts';
import type { Claim } from './claim.ts';
import { frameFilter } from './filter.ts';
import { multicastMac, solicitedNode } from './ndp.ts';
import { PacketSocket, waitForFrame } from './packet-socket.bun.ts';
import { probe } from './probing.ts';
import { questionFrame } from './question.ts';

/** An interface that asks. */
export interface Outlet {
  /** Absent: the namespace of the process. */
  readonly netns?: { readonly fd: number; readonly path: string };
  readonly index: number;
  readonly mac: Mac;
  /** Absent: `mac`. The sender of its frames, where no switch shall learn `mac`. */
  readonly sender?: Mac;
  /** The addresses that it asks for another one from; `'nobody'` makes the question a probe. */
  readonly askersFor: (ip: Ip) => readonly (Ip | 'nobody')[];
}

const families: readonly Family[] = ['ipv4', 'ipv6'];

/**
 * Asks by all outlets at once who has the addresses, and waits for the answers (see `schedule`). An outlet that is
 * down, or without a carrier, hears nothing.
 *
 * @throws NetlinkError when an interface is gone
 */
export function probeBy(outlets: readonly Outlet[], ips: readonly Ip[]): Claim[] {
  const lines: { readonly socket: PacketSocket; readonly frames: readonly Uint8Array[] }[] = [];
  try {
    for (const outlet of outlets) {
      for (const family of families) {
        const asked = ips.filter((ip) => ip.family === family);
        const frames = asked.flatMap((ip) => framesOf(outlet, ip));
        if (frames.length > 0) {
          lines.push({ socket: open(outlet, family, asked), frames });
        }
      }
    }
    const sockets = lines.map(({ socket }) => socket);
    const own = outlets.map(({ mac }) => mac);
    return probe(lines, ips, own, {
      now: () => performance.now(),
      wait: (milliseconds) => waitForFrame(sockets, milliseconds),
    });
  } finally {
    for (const { socket } of lines) {
      socket.close();
    }
  }
}

function framesOf({ mac, sender = mac, askersFor }: Outlet, ip: Ip): Uint8Array[] {
  return askersFor(ip).map((asker) => questionFrame(sender, ip, asker === 'nobody' ? undefined : asker, mac));
}

/** Another host that probes for the same IPv6 address speaks to the group of the address alone. */
function open({ netns, index }: Outlet, family: Family, ips: readonly Ip[]): PacketSocket {
  const groups = family === 'ipv6' ? ips.map((ip) => multicastMac(solicitedNode(ip))) : [];
  const settings = { index, family, filter: frameFilter(family, ips, index), groups };
  return netns === undefined ? PacketSocket.open(settings) : within(netns, () => PacketSocket.open(settings));
}
