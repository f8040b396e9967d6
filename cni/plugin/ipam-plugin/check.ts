import { Prefix } from '../../../core/address/prefix.ts';
import type { CniResult } from '../../../core/cni/result.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { attachmentOf } from '../attachment.ts';
import type { Doors } from '../doors.ts';
import type { Call } from '../environment.ts';
import { checkLedger } from '../ledger-check.ts';
import { type IpamPluginConfig, refuseIpamPlugin } from './config.ts';

/** CHECK of an IPAM plugin: the ledger has recorded the container's addresses. */
export async function checkAddresses(call: Call, config: IpamPluginConfig, doors: Doors): Promise<void> {
  refuseIpamPlugin(config);
  if (config.prevResult === undefined) {
    throw new Problem('INVALID_NETWORK_CONFIG', 'CHECK needs prevResult, and it is missing');
  }
  const ips = addressesOf(call, config.prevResult);
  if (ips.length === 0) {
    throw new Problem('CHECK_FAILED', `prevResult has no address of ${call.ifname}`);
  }
  await checkLedger(attachmentOf(call, config), ips, doors);
}

/** Those of the container's interface, and those of none: older versions know no interfaces. */
function addressesOf({ ifname, netns }: Call, { interfaces, ips }: CniResult): Prefix[] {
  const isOwn = (index: number | undefined) => {
    const each = index === undefined ? undefined : interfaces[index];
    return each === undefined || (each.name === ifname && each.sandbox === netns);
  };
  return ips.filter((ip) => isOwn(ip.interface)).map(({ address }) => Prefix.parse(address));
}
