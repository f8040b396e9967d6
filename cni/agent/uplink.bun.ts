import type { Netlink } from '../../netlink/netlink.bun.ts';
import { defaultDevice } from '../node/default-device.bun.ts';

/**
 * What the interface that pods share is waited for, as early at boot; it is looked up each time, because it may come
 * and go.
 *
 * @param master absent: the default route's device
 * @returns in words; undefined when pods can be reached by it
 */
export function uplinkLacks(host: Netlink, master: string | undefined): string | undefined {
  const link = master === undefined ? defaultDevice(host) : host.links.find(master);
  if (link === undefined) {
    return master === undefined ? 'there is no default route yet' : `${master} is not there yet`;
  }
  if (!link.up) {
    return `${link.name} is down`;
  }
  return link.carrier ? undefined : `${link.name} has no carrier`;
}
