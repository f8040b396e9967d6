import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';
import type { Claim } from '../probe/claim.ts';
import { routeProtocol } from './access/pod-ways.bun.ts';
import { shimName } from './access/shim-identity.ts';
import type { Master } from './node.ts';

/** What a node has itself: it doesn't hear its own questions, so that its kernel must say. */
export class HostClaims {
  readonly #host: Netlink;
  readonly #master: Pick<Master, 'index' | 'mac'>;

  constructor(host: Netlink, master: Pick<Master, 'index' | 'mac'>) {
    this.#host = host;
    this.#master = master;
  }

  /** The claim of the node, or of one of its pods that it leads to by a route; undefined when it knows of none. */
  claimOn(ip: Ip): Claim | undefined {
    const host = this.#host;
    const route = host.routes.match(ip);
    const isOwn = route?.kind === 'local';
    const isPods = route?.protocol === routeProtocol && route.destination.hostBits === 0n;
    if (route?.index === undefined || !(isOwn || isPods)) {
      return undefined;
    }
    // A way by the shim may be left of a pod that is gone; one that is there answers the probe.
    const isLeft = !isOwn && host.links.find(route.index)?.name === shimName(this.#master.index);
    const mac = isOwn ? this.#macOfHost(route.index) : this.#macOfPod(route.index, ip);
    return isLeft || mac === undefined ? undefined : { ip, mac };
  }

  /** Of the interface that has the address; the master's in the place of none, as the loopback has. */
  #macOfHost(index: number): Mac | undefined {
    const mac = this.#host.links.find(index)?.mac;
    return mac?.isUnicast ? mac : this.#master.mac;
  }

  #macOfPod(link: number, ip: Ip): Mac | undefined {
    const entries = this.#host.neighbours.list({ link, family: ip.family });
    return entries.find((entry) => entry.ip.equals(ip))?.mac ?? this.#macOfHost(link);
  }
}
