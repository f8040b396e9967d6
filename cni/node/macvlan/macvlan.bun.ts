import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import type { Dataplane } from '../dataplane.bun.ts';
import type { Master } from '../node.ts';
import type { MacvlanSettings, Sketch } from '../plan.ts';
import { type KernelPod, refuseTaken } from '../pod/pod.bun.ts';
import type { Site } from '../site.bun.ts';

/** Pods with a MAC of their own on the LAN. */
export class MacvlanPlane implements Dataplane {
  readonly isOnLan = true;
  readonly #settings: MacvlanSettings;

  constructor(settings: MacvlanSettings) {
    this.#settings = settings;
  }

  make({ host, pod, master }: Site, sketch: Sketch): Link {
    return makeMacvlan(host, pod, master, { ...sketch, ...this.#settings });
  }

  faults({ host, master }: Site, link: Link): string[] {
    const { mode } = this.#settings;
    if (link.kind !== 'macvlan') {
      return [`is of the kind ${link.kind ?? 'hardware'} and not macvlan`];
    }
    // A macvlan on a macvlan is really one on the lower device of that (drivers/net/macvlan.c).
    const isStacked = host.links.find(master.index)?.kind === 'macvlan';
    return [
      ...(link.macvlan?.mode === mode ? [] : [`is in mode ${link.macvlan?.mode} and not ${mode}`]),
      ...(isStacked || link.parentIndex === master.index ? [] : [`is not on ${master.name}`]),
    ];
  }
}

/**
 * Makes the macvlan in the pod's namespace under its final name, down and bare. Its MAC may be any until it is furnished.
 *
 * @throws Problem INTERFACE_EXISTS, KERNEL_REFUSED; NetlinkError
 */
export function makeMacvlan(
  { links }: Pick<Netlink, 'links'>,
  pod: KernelPod,
  master: Master,
  { ifname, mode, mtu, mac }: Pick<Sketch, 'ifname' | 'mtu' | 'mac'> & MacvlanSettings,
): Link {
  // In passthru the pod's MAC is the master's own, for which no NIC needs to hear everything.
  const own = { kind: 'macvlan', mode, noPromiscuous: mode === 'passthru' } as const;
  const make = (name: string) => links.create({ ...own, name, parent: master, mtu, mac, netns: pod.netns });
  try {
    make(ifname);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) {
      throw inWords(error, master, mode);
    }
    refuseTaken(pod, ifname, error);
    makeByRename(pod, ifname, make);
  }
  return pod.netlink.links.get(ifname);
}

/** The kernel's bare number with what it means here (drivers/net/macvlan.c). */
function inWords(error: unknown, { name }: Master, mode: MacvlanSettings['mode']): unknown {
  const because = (why: string) => new Problem('KERNEL_REFUSED', `${reasonOf(error)}; ${why}`, {}, error);
  if (isErrno(error, 'EBUSY')) {
    return because(`${name} is part of a bridge, a bond or the like`);
  }
  if (isErrno(error, 'EINVAL')) {
    return because(
      mode === 'passthru'
        ? `mode "passthru" gives ${name} to one pod alone, and it has another macvlan already`
        : `a pod in mode "passthru" may have ${name} for itself`,
    );
  }
  return error;
}

/** Before Linux 6.14 the final name must be free on the host too (net/core/rtnetlink.c), and `eth0` seldom is. */
function makeByRename(pod: KernelPod, ifname: string, make: (name: string) => void): void {
  const { links } = pod.netlink;
  const passing = `realip-p${process.pid}`;
  make(passing);
  const link = links.get(passing);
  try {
    links.change(link, { name: ifname });
  } catch (error) {
    links.delete(link);
    refuseTaken(pod, ifname, error);
    throw error;
  }
}
