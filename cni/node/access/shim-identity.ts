import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';

/** Next hop of the pods towards their host: link-local (RFC 3927), on the link of every pod, nobody's own address. */
export const hostGateway = Ip.parse('169.254.1.1');

/** What the names of the host's interfaces towards its pods begin with; the rules that masquerade go by it. */
export const hostSidePrefix = 'realip';

/** Name of a master's shim. The index stays when the master is renamed, and is gone with it after a reboot. */
export function shimName(masterIndex: number): string {
  return `${hostSidePrefix}${masterIndex}`;
}

/**
 * MAC of a master's shim: always the same for one master, because pods hold it for ever as their host's. It needs
 * to be unique among the macvlans of one master only, since no frame of the shim ever reaches the LAN.
 */
export function shimMac(master: Mac): Mac {
  return Mac.fromBytes(Uint8Array.from([0x0e, 0x58, ...master.toBytes().slice(2)]));
}
