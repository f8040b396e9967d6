import { Problem } from '../../core/problem/problem.ts';
import type { Config } from './config.ts';
import type { Allocation } from './ipam/ipam.ts';
import { isDelegatedTo } from './ipam-config.ts';

/**
 * The VLAN that a pod belongs on. The ledger's subnet knows; the configuration may say the same, which spares ADD a
 * step. Under other IPAM plugins the configuration alone counts.
 *
 * @throws Problem INVALID_NETWORK_CONFIG where they differ
 */
export function vlanOf(
  { vlan: configured, ipam }: Config,
  { ips }: Pick<Allocation, 'ips'>,
): number | undefined {
  if (isDelegatedTo(ipam.type)) {
    return configured;
  }
  // 0 is the way of 802.1Q to write "no VLAN".
  const [first, ...others] = [...new Set(ips.map(({ vlan }) => vlan || undefined))];
  if (others.length > 0) {
    const list = ips
      .map(({ address, vlan }) => `${address} ${vlan ? `on VLAN ${vlan}` : 'untagged'}`)
      .join(', ');
    throw new Problem('INVALID_NETWORK_CONFIG', `one interface can't be on several VLANs: ${list}`);
  }
  if (configured !== undefined && configured !== first) {
    const words = first === undefined ? 'is on none' : `is on VLAN ${first}`;
    throw new Problem('INVALID_NETWORK_CONFIG', `vlan is ${configured}, and the subnet ${words}`);
  }
  return first;
}
