import { Problem } from '../../../core/problem/problem.ts';
import { inodeOf } from '../../../netlink/file.bun.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import { Netlink } from '../../../netlink/netlink.bun.ts';
import { Netns, within } from '../../../netlink/netns.bun.ts';
import { podEndAlias } from '../access/veth-identity.ts';
import type { NetnsPlace, Pod, PodInterface } from '../node.ts';

/** RT_SCOPE_UNIVERSE: neither link-local nor the host's own. */
const globalScope = 0;

/** A pod's network namespace and a netlink socket in it. */
export class KernelPod implements Pod {
  readonly netns: Netns;
  readonly netlink: Netlink;

  private constructor(netns: Netns, netlink: Netlink) {
    this.netns = netns;
    this.netlink = netlink;
  }

  /** @throws Problem NETNS_NOT_FOUND, NETNS_INVALID, INVALID_ENVIRONMENT */
  static open(path: string, mayBeOwn: boolean): KernelPod {
    const netns = Netns.open(path);
    if (!mayBeOwn && netns.isOwn()) {
      netns.close();
      throw new Problem(
        'INVALID_ENVIRONMENT',
        `CNI_NETNS "${path}" is the namespace that the plugin runs in`,
      );
    }
    return new KernelPod(
      netns,
      within(netns, () => Netlink.open()),
    );
  }

  get place(): NetnsPlace {
    return { path: this.netns.path, inode: inodeOf(this.netns.fd) };
  }

  find(ifname: string): PodInterface | undefined {
    const link = this.netlink.links.find(ifname);
    if (link === undefined) {
      return undefined;
    }
    const addresses = this.netlink.addresses.list({ link: link.index });
    const ips = addresses.filter(({ scope }) => scope === globalScope).map(({ prefix }) => prefix);
    return { kind: link.kind, up: link.up, mtu: link.mtu, alias: link.alias, ips };
  }

  findLink(ifname: string): Link | undefined {
    return this.netlink.links.find(ifname);
  }

  /** Takes an interface away, and the pair to the host beside it; what is gone is no error. */
  detach(ifname: string): void {
    const { links } = this.netlink;
    const alias = podEndAlias(ifname);
    for (const link of links.list().filter((each) => each.name === ifname || each.alias === alias)) {
      try {
        links.delete(link);
      } catch (error) {
        // Another DEL, or the deletion of the master, was faster.
        if (!isErrno(error, 'ENODEV')) {
          throw error;
        }
      }
    }
  }

  close(): void {
    this.netlink.close();
    this.netns.close();
  }
}

/** @throws Problem INTERFACE_EXISTS when the pod has an interface of that name */
export function refuseTaken(pod: KernelPod, ifname: string, error: unknown): void {
  if (pod.findLink(ifname) !== undefined) {
    throw new Problem('INTERFACE_EXISTS', `${pod.netns.path} has an interface ${ifname} already`, {}, error);
  }
}
