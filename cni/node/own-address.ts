import type { Ip } from '../../core/address/ip.ts';
import type { Prefix } from '../../core/address/prefix.ts';

/** The address that a node speaks from to `ip`: the one in its subnet, else any of its family. */
export function ownAddressFor(ip: Ip, addresses: readonly Prefix[]): Ip | undefined {
  const same = addresses.filter(({ family }) => family === ip.family);
  return (same.find((prefix) => prefix.contains(ip)) ?? same[0])?.address;
}
