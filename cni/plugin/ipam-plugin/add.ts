import { parseArgs } from '../../../core/cni/args.ts';
import type { CniResult } from '../../../core/cni/result.ts';
import { attachmentOf } from '../attachment.ts';
import { type Doors, drainJournal } from '../doors.ts';
import type { Call } from '../environment.ts';
import { podRoutes } from '../routes.ts';
import { wishesOf } from '../wishes.ts';
import { type IpamPluginConfig, refuseIpamPlugin } from './config.ts';

/**
 * ADD of an IPAM plugin: addresses, and the routes that go with them. The default route is among them: the
 * specification's main plugins make none of a gateway alone. When they fail afterwards, they call DEL.
 */
export async function addAddresses(call: Call, config: IpamPluginConfig, doors: Doors): Promise<CniResult> {
  refuseIpamPlugin(config);
  const wish = wishesOf(config, parseArgs(call.args), doors.randomOctets, undefined);
  const attachment = attachmentOf(call, config);
  await drainJournal(doors, attachment);
  const mac = wish.mac ?? config.ownMac;
  const { allocation } = await doors.ipam.allocate(attachment, { ...wish, ...(mac && { mac }) });
  return {
    interfaces: [],
    ips: allocation.ips.map(({ address, gateway }) => ({
      address: address.toString(),
      ...(gateway && { gateway: gateway.toString() }),
    })),
    routes: podRoutes(allocation).map(({ dst, gw, ...rest }) => ({
      dst: dst.toString(),
      ...(gw && { gw: gw.toString() }),
      ...rest,
    })),
    dns: allocation.dns,
  };
}
