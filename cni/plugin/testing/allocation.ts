import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import type { Allocation } from '../ipam/ipam.ts';

/** An allocation of one IPv4 address, as the server answers it. */
export function allocationOf(change: Partial<Allocation> = {}): Allocation {
  return {
    generation: 7,
    mac: Mac.parse('0a:58:0a:09:01:07'),
    ips: [{ address: Prefix.parse('10.9.1.7/16'), gateway: Ip.parse('10.9.0.1') }],
    routes: [],
    dns: {},
    ...change,
  };
}
