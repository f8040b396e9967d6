import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import type { CniResult } from '../../../core/cni/result.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { hostGateways } from '../../node/access/shim-identity.ts';
import type { Master, Pod } from '../../node/node.ts';
import type { Plan, PlannedRoute, PodEnd } from '../../node/plan.ts';
import { attachmentOf } from '../attachment.ts';
import type { Config } from '../config.ts';
import type { Doors } from '../doors.ts';
import type { Call } from '../environment.ts';
import { checkLedger } from '../ledger-check.ts';
import { type PodFacts, planOf } from '../planning/planning.ts';
import { refuse } from '../refusals.ts';
import { masterOf } from './add.ts';

/** CHECK: what the final prevResult says is what the kernel has, and the ledger agrees. */
export async function check(call: Call, config: Config, doors: Doors): Promise<void> {
  refuse(config);
  if (config.prevResult === undefined) {
    throw new Problem('INVALID_NETWORK_CONFIG', 'CHECK needs prevResult, and it is missing');
  }
  const trunk = masterOf(config, doors);
  const pod = doors.node.openPod(call.netns, call.mayBeOwnNetns);
  let facts: PodFacts;
  try {
    const master = placeOf(config, call, trunk, pod, doors);
    facts = factsOf(call, config, master, config.prevResult);
    const plan = lasting(planOf(config, master, facts), master);
    const faults = doors.node.inspect(pod, master, tuned(plan, call, doors, pod));
    if (faults.length > 0) {
      throw new Problem('CHECK_FAILED', faults.join('; '));
    }
  } finally {
    pod.close();
  }
  await checkLedger(attachmentOf(call, config), facts.ips, doors);
}

/** The VLAN that the configuration names; else whichever the pod is on, since the ledger's subnet decided. */
function placeOf({ vlan }: Config, { ifname }: Call, trunk: Master, pod: Pod, { node }: Doors): Master {
  if (vlan === undefined) {
    return node.placeOf(pod, ifname, trunk);
  }
  const master = node.findVlan(trunk, vlan);
  if (master === undefined) {
    throw new Problem('CHECK_FAILED', `the interface of VLAN ${vlan} on ${trunk.name} is gone`);
  }
  return master;
}

/** Addresses and routes of the container's interface in a result. @throws Problem CHECK_FAILED */
function factsOf({ ifname, netns }: Call, config: Config, master: Master, result: CniResult): PodFacts {
  const index = result.interfaces.findIndex((each) => each.name === ifname && each.sandbox === netns);
  const entry = result.interfaces[index];
  if (entry === undefined) {
    throw new Problem('CHECK_FAILED', `prevResult has no interface ${ifname} in ${netns}`);
  }
  const own = result.ips.filter((ip) => ip.interface === index);
  const ips = own.map(({ address }) => Prefix.parse(address));
  if (ips.length === 0) {
    throw new Problem('CHECK_FAILED', `prevResult has no address of ${ifname}`);
  }
  const gateways = own.map(({ gateway }) => gateway);
  const isAlone = result.interfaces.filter(({ sandbox }) => sandbox !== undefined).length === 1;
  // In a chain that made several interfaces only those routes are surely ours that go by a neighbour of ours.
  const isOwn = (gw: string | undefined) =>
    isAlone || gateways.includes(gw) || (gw !== undefined && ips.some((ip) => ip.contains(Ip.parse(gw))));
  return {
    ifname,
    mac: Mac.parse(entry.mac),
    mtu: entry.mtu ?? config.mtu ?? master.mtu,
    ips,
    routes: result.routes
      .filter(({ gw }) => isOwn(gw))
      .map(({ dst, gw, ...rest }) => ({
        dst: Prefix.parse(dst),
        ...(gw ? { gw: Ip.parse(gw) } : {}),
        ...rest,
      })),
  };
}

/**
 * A plan without the routes to the node's further addresses: the node may have got those since ADD, a floating one
 * perhaps, and nobody adds routes to a running pod.
 */
function lasting(plan: Plan, { addresses }: Master): Plan {
  const further = addresses
    .map(({ address }) => address)
    .filter((ip) => !plan.host?.ways.some(({ source }) => source?.equals(ip)));
  const isFurther = ({ destination, gateway }: PlannedRoute) =>
    (gateway?.equals(hostGateways[gateway.family]) ?? false) &&
    destination.hostBits === 0n &&
    further.some((ip) => ip.equals(destination.address));
  const routesOf = (link: PodEnd) => link.routes.filter((route) => !isFurther(route));
  const { host } = plan;
  const podEnd = host?.podEnd && { ...host.podEnd, routes: routesOf(host.podEnd) };
  return { ...plan, routes: routesOf(plan), ...(host && { host: { ...host, ...(podEnd && { podEnd }) } }) };
}

/** With the MTU that there is, where a later plugin of the chain is known to have changed ours. */
function tuned(plan: Plan, { containerId, ifname }: Call, { node }: Doors, pod: Pod): Plan {
  const mtu = pod.find(ifname)?.mtu;
  const isMeant = mtu !== plan.mtu && node.mtuBeforeTuning(containerId, ifname) === plan.mtu;
  return mtu !== undefined && isMeant ? { ...plan, mtu } : plan;
}
