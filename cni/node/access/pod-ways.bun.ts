import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';

/** RTPROT_* of the host's routes to its pods: marks them as ours in `ip route` (`proto 82`). */
export const routeProtocol = 82;

/** The host's routes and permanent neighbours towards pods, by one of its interfaces. */
export class PodWays {
  readonly #host: Netlink;
  readonly #index: number;

  /** @param index of the host's interface */
  constructor(host: Netlink, index: number) {
    this.#host = host;
    this.#index = index;
  }

  /** Leads the host to a pod: a route with the node's address as source, and its MAC for ever. */
  add(ip: Ip, mac: Mac, source: Ip | undefined): void {
    const link = this.#index;
    this.#host.neighbours.replace({ link, ip, mac });
    this.#host.routes.replace({ destination: Prefix.alone(ip), link, source, protocol: routeProtocol });
  }

  /** Undoes `add`; what is gone already is no error. */
  remove(ip: Ip): void {
    const link = this.#index;
    unlessGone(() =>
      this.#host.routes.delete({ destination: Prefix.alone(ip), link, protocol: routeProtocol }),
    );
    unlessGone(() => this.#host.neighbours.delete({ link, ip }));
  }

  /** What the way to a pod lacks. @param by the interface in words: "its shim" */
  faults(ip: Ip, mac: Mac, by: string): string[] {
    const link = this.#index;
    const routes = this.#host.routes.list({ family: ip.family, link });
    const entry = this.#host.neighbours.list({ link, family: ip.family }).find((each) => each.ip.equals(ip));
    return [
      ...(routes.some((route) => route.destination.toString() === Prefix.alone(ip).toString())
        ? []
        : [`the host has no route to ${ip} by ${by}`]),
      ...(entry?.mac?.equals(mac) && entry.state === 'permanent'
        ? []
        : [`the host has no permanent neighbour ${ip} with MAC ${mac} on ${by}`]),
    ];
  }
}

/** Does what may find its object gone. */
export function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isErrno(error, 'ESRCH', 'ENOENT', 'ENODEV')) {
      throw error;
    }
  }
}
