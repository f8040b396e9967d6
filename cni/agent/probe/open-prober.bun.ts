import type { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { Netlink } from '../../../netlink/netlink.bun.ts';
import { KernelNode } from '../../node/kernel-node.bun.ts';
import type { Master } from '../../node/node.ts';
import { systemClock } from './clock.ts';
import { LanProber } from './lan-prober.ts';
import { LanWire } from './lan-wire.bun.ts';
import type { Pace } from './pace.ts';
import { VlanProber } from './vlan-prober.ts';

export interface OpenProberParts {
  /** Undefined: the device of the default route, as it is at the time. */
  readonly master: string | undefined;
  /** The VLAN that an address is on, whose sub-interface is made where it is missing; undefined: untagged. */
  readonly vlanOf: (ip: Ip) => number | undefined;
  /** How many nodes the zone has, as the server last said. */
  readonly nodes: () => number;
  /** Shared with whoever else sends broadcasts of the node's own accord. */
  readonly pace: Pace;
  readonly warn: (message: string) => void;
}

/** The prober of the namespace that this thread is in. It holds no packet socket while there is nothing to ask. */
export function openProber({ master: name, vlanOf, nodes, pace, warn }: OpenProberParts): VlanProber {
  const node = new KernelNode(warn);
  const host = Netlink.open();
  const open = (vlan: number | undefined) => {
    const findMaster = () => {
      const trunk = found(node.findMaster(name), name);
      return vlan === undefined ? trunk : (node.findVlan(trunk, vlan) ?? node.makeVlan(trunk, vlan));
    };
    const wire = new LanWire(host, findMaster);
    const silent = () => {
      const where = `${name ?? 'the device of the default route'}${vlan === undefined ? '' : `, VLAN ${vlan},`}`;
      warn(`${where} is down or has no carrier: addresses of the reserve wait to be asked for`);
    };
    return new LanProber({ wire, pace, clock: systemClock, random: Math.random, nodes, silent });
  };
  return new VlanProber({ vlanOf, open });
}

function found(master: Master | undefined, name: string | undefined): Master {
  if (master === undefined) {
    const why = name === undefined ? 'there is no default route, whose device would be the master' : '';
    throw new Problem('MASTER_MISSING', why || `there is no interface ${name} on this node`);
  }
  return master;
}
