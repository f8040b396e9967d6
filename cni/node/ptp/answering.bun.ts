import type { Family } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { protocols } from '../../../netlink/message/route.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import type { Sysctl } from '../sysctl.ts';
import { readSysctlWherePresent, writeSysctl } from '../sysctl-file.bun.ts';

/** The switch of IPv6 forwarding: the kernel has no other, whatever each interface says (net/ipv6/ip6_output.c). */
const ipv6Forwarding = { key: 'net/ipv6/conf/all/forwarding', value: '1' };

/**
 * What a master needs so that its node answers for pods at once and takes their packets. `proxy_delay` would hold each
 * answer back for up to 0.8 s. IPv4 is forwarded between this interface and the pods only, whatever the node's own
 * switch says.
 */
function needed(master: string, family: Family): Sysctl[] {
  return family === 'ipv4'
    ? [
        { key: `net/ipv4/conf/${master}/forwarding`, value: '1' },
        { key: `net/ipv4/neigh/${master}/proxy_delay`, value: '0' },
      ]
    : [
        ipv6Forwarding,
        { key: `net/ipv6/conf/${master}/forwarding`, value: '1' },
        { key: `net/ipv6/conf/${master}/proxy_ndp`, value: '1' },
        { key: `net/ipv6/neigh/${master}/proxy_delay`, value: '0' },
      ];
}

/**
 * Sets what is missing; it stays, for all pods of the master.
 *
 * @throws Problem FORWARDING_OFF where that would take the node's own default route, KERNEL_REFUSED
 */
export function ensureAnswering(host: Netlink, master: string, families: readonly Family[]): void {
  for (const family of families) {
    const missing = needed(master, family).filter(isOtherwise);
    if (missing.some(({ key }) => key === ipv6Forwarding.key)) {
      refuseToLoseRouter(host);
    }
    missing.forEach((sysctl) => {
      writeSysctl(sysctl);
    });
  }
}

/** What is otherwise by now, each in a sentence. */
export function answeringFaults(master: string, families: readonly Family[]): string[] {
  return families
    .flatMap((family) => needed(master, family))
    .filter(isOtherwise)
    .map(({ key, value }) => `the host's sysctl ${key} is not ${value}`);
}

/** A node that begins to forward forgets the routers that advertised themselves (net/ipv6/addrconf.c). */
function refuseToLoseRouter({ routes }: Netlink): void {
  if (routes.findDefault('ipv6')?.protocol === protocols.ra) {
    throw new Problem(
      'FORWARDING_OFF',
      `${ipv6Forwarding.key} is 0, and to set it would take the default route that a router advertised to this node`,
    );
  }
}

function isOtherwise({ key, value }: Sysctl): boolean {
  return readSysctlWherePresent(key) !== value;
}
