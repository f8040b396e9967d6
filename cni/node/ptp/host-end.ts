import { Mac } from '../../../core/address/mac.ts';

/**
 * MAC of the host's end of every pair: pods hold it for ever. Each pair is a link of its own, so that one MAC does for
 * all; and a MAC that was asked for is left alone by systemd-udevd, which replaces the kernel's random ones.
 */
export const hostEndMac = Mac.parse('0e:58:00:00:00:01');

/** Written beside the host's end: on which master the host answers for its pod. */
export function hostEndAlias(master: number): string {
  return `realip-ptp ${master}`;
}

/** A name for the host's end of a new pair: eight random digits. Its route (`ip route show dev …`) says whose it is. */
export function hostEndName(): string {
  const octets = crypto.getRandomValues(new Uint8Array(4));
  return `rpod${[...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`;
}
