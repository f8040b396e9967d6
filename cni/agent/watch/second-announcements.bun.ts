import { Ip } from '../../../core/address/ip.ts';
import { reasonOf } from '../../../core/problem/problem.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import { Netlink } from '../../../netlink/netlink.bun.ts';
import { Netns, within } from '../../../netlink/netns.bun.ts';
import { files } from '../../files.ts';
import { announceBy } from '../../probe/announcer.bun.ts';
import type { PodLink } from '../doors.ts';

/** ANNOUNCE_INTERVAL of RFC 5227 is two seconds; the first was the plugin's, a moment after the agent's answer. */
const interval = 2_000;

export interface SecondAnnouncementsParts {
  readonly after: (milliseconds: number, act: () => void) => () => void;
  readonly failed: (reason: string, link: PodLink) => void;
  /** Whether so many frames may go now, by the node's pace. */
  readonly mayGo: (frames: number) => boolean;
}

/** Milliseconds until it is tried again, when they may not. */
const pause = 200;

/** Tells the network a second time who has a new pod's addresses: the first may have been lost (RFC 5227 §2.3). */
export class SecondAnnouncements {
  readonly #parts: SecondAnnouncementsParts;
  readonly #waiting = new Set<() => void>();

  constructor(parts: SecondAnnouncementsParts) {
    this.#parts = parts;
  }

  /** @param ips without prefix lengths */
  expect(link: PodLink, ips: readonly string[]): void {
    this.#expectIn(interval, link, ips);
  }

  #expectIn(milliseconds: number, link: PodLink, ips: readonly string[]): void {
    const cancel = this.#parts.after(milliseconds, () => {
      this.#waiting.delete(cancel);
      if (!this.#parts.mayGo(ips.length)) {
        this.#expectIn(pause, link, ips);
        return;
      }
      try {
        announceOnce(link, ips.map(Ip.parse));
      } catch (error) {
        if (!isErrno(error, 'ENODEV', 'ENETDOWN')) {
          this.#parts.failed(reasonOf(error), link);
        }
      }
    });
    this.#waiting.add(cancel);
  }

  close(): void {
    for (const cancel of this.#waiting) {
      cancel();
    }
    this.#waiting.clear();
  }
}

/** Nothing, where the pod has gone meanwhile, or hasn't these addresses (any more). */
function announceOnce(pod: PodLink, ips: readonly Ip[]): void {
  // Its path may lead nowhere by now, or to the namespace of another pod.
  if (!files().existsSync(pod.netns)) {
    return;
  }
  const netns = Netns.open(pod.netns);
  try {
    if (files().fstatSync(netns.fd).ino !== pod.inode) {
      return;
    }
    const isBehind = within(netns, () => announceFrom(pod.ifname, ips)) === 'veth';
    if (isBehind) {
      withNetlink((host) => announceBehind(host, ips));
    }
  } finally {
    netns.close();
  }
}

/** By the interface on which the kernel answers for the pod: its master, or a VLAN of that. */
function announceBehind({ neighbours, links }: Netlink, ips: readonly Ip[]): void {
  const proxies = neighbours.list({ proxy: true });
  for (const ip of ips) {
    const index = proxies.find((entry) => entry.ip.equals(ip))?.index;
    const link = index === undefined ? undefined : links.find(index);
    link && announce(link, [ip]);
  }
}

/** @returns the kind of a link that doesn't reach the network by itself */
function announceFrom(ifname: string, ips: readonly Ip[]): 'veth' | undefined {
  return withNetlink(({ links, addresses }) => {
    const link = links.find(ifname);
    const held = link === undefined ? [] : addresses.list({ link: link.index });
    const own = ips.filter((ip) => held.some(({ prefix }) => prefix.address.equals(ip)));
    if (link === undefined || own.length < ips.length) {
      return undefined;
    }
    if (link.kind === 'veth') {
      return 'veth';
    }
    announce(link, own);
    return undefined;
  });
}

function announce({ index, mac }: Link, ips: readonly Ip[]): void {
  if (mac !== undefined) {
    announceBy({ index, mac }, ips);
  }
}

function withNetlink<T>(act: (netlink: Netlink) => T): T {
  const netlink = Netlink.open();
  try {
    return act(netlink);
  } finally {
    netlink.close();
  }
}
