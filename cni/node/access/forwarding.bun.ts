import type { Family } from '../../../core/address/ip.ts';
import { readFile } from '../../../netlink/file.bun.ts';

/** The switch of each family by which a host forwards. */
const switches: Readonly<Record<Family, string>> = {
  ipv4: 'net/ipv4/ip_forward',
  ipv6: 'net/ipv6/conf/all/forwarding',
};

/** The switches that are off, of the families that pods send by their host; a kernel may lack one. */
export function forwardingFaults(families: readonly Family[], root = '/proc/sys'): string[] {
  return families
    .map((family) => switches[family])
    .filter((key) => !isOn(`${root}/${key}`))
    .map((key) => `hostRoutes lead through this node, and it forwards nothing: the sysctl ${key} is not 1`);
}

function isOn(path: string): boolean {
  try {
    // The digit and a line feed.
    return readFile(path)[0] !== 0x30;
  } catch {
    return false;
  }
}
