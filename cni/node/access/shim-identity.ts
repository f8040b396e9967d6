import { type Family, Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';

/** Next hop of the pods towards their host: link-local (RFC 3927), on the link of every pod, nobody's own address. */
export const hostGateway = Ip.parse('169.254.1.1');

/** Next hops of the pods towards their host, on the link of every pod. */
export const hostGateways: Readonly<Record<Family, Ip>> = {
  ipv4: hostGateway,
  ipv6: Ip.parse('fe80::5258:1'),
};

/**
 * Who a pod of the node sees in the place of another one that speaks to it by the host, translated. It must be an
 * address that every pod leads to its host, and the host need not have it: replies are translated back before they
 * are routed. IPv6's gateway can't be that, since a link-local address means nothing without an interface beside it;
 * this one is of a prefix chosen at random, as RFC 4193 wants it.
 */
export const hostCallers: Readonly<Record<Family, Ip>> = {
  ipv4: hostGateway,
  ipv6: Ip.parse('fd1b:64c7:5258::1'),
};

/** What the names of the host's interfaces towards its pods begin with; the rules that masquerade go by it. */
export const hostSidePrefix = 'realip';

/** Name of a master's shim. The index stays when the master is renamed, and is gone with it after a reboot. */
export function shimName(masterIndex: number): string {
  return `${hostSidePrefix}${masterIndex}`;
}

/**
 * Written beside a shim that is done, in this version's way; one without it is half made, or an older version's.
 */
export const shimAlias = 'realip-shim 2';

/** Reports whether an interface of the host is a shim, whole or half made, of this version or an older one. */
export function isShim({
  name,
  kind,
}: {
  readonly name: string;
  readonly kind: string | undefined;
}): boolean {
  return kind === 'macvlan' && /^realip\d+$/.test(name);
}

/**
 * MAC of a master's shim: always the same for one master, because pods hold it for ever as their host's. It needs
 * to be unique among the macvlans of one master only, since no frame of the shim ever reaches the LAN.
 */
export function shimMac(master: Mac): Mac {
  return Mac.fromBytes(Uint8Array.from([0x0e, 0x58, ...master.toBytes().slice(2)]));
}
