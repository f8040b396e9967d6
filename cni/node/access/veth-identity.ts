import { Mac } from '../../../core/address/mac.ts';
import { hostSidePrefix } from './shim-identity.ts';

/** MAC of the pod's end of every pair: each pair is a link of its own, so that one does for all. */
export const podEndMac = Mac.parse('0e:58:00:00:00:02');

/** Name of the pod's end beside its interface, which has that index there. */
export function podEndName(index: number): string {
  return `${hostSidePrefix}${index}`;
}

/** Written beside the pod's end: which interface it belongs to. */
export function podEndAlias(ifname: string): string {
  return `realip-host ${ifname}`;
}

/** A name for the host's end of a new pair: eight random digits. Its route (`ip route show dev …`) says whose it is. */
export function vethName(): string {
  const octets = crypto.getRandomValues(new Uint8Array(4));
  return `${hostSidePrefix}v${[...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`;
}
