import { parseArgs } from '../../../core/cni/args.ts';
import { type CniResult, emptyResult } from '../../../core/cni/result.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Draft, HostEnd, Master } from '../../node/node.ts';
import { aliasOf, draftAlias } from '../alias.ts';
import { attachmentOf } from '../attachment.ts';
import type { Config } from '../config.ts';
import { type Doors, drainJournal } from '../doors.ts';
import type { Call } from '../environment.ts';
import { Grant } from '../grant.ts';
import type { Allocation, Attachment, Ipam } from '../ipam/ipam.ts';
import { isDelegatedTo } from '../ipam-config.ts';
import { throughHost } from '../planning/by-ptp.ts';
import { mtuOf, planOf } from '../planning/planning.ts';
import { refuse } from '../refusals.ts';
import { type PodRoute, podRoutes } from '../routes.ts';
import { Stage } from '../stage.ts';
import { unclaimed } from '../unclaimed.ts';
import { vlanOf } from '../vlan.ts';
import { wishesOf } from '../wishes.ts';

/**
 * ADD: a pod's interface with the ledger's addresses, or nothing at all. Everything that can fail without an address
 * is tried before one is asked for.
 */
export async function add(call: Call, config: Config, doors: Doors): Promise<CniResult> {
  refuse(config);
  const args = parseArgs(call.args);
  const trunk = masterOf(config, doors);
  warnOfPassthru(config, trunk, doors);
  const wish = wishesOf(config, args, doors.randomOctets, trunk.mac);
  const attachment = attachmentOf(call, config);
  const pod = doors.node.openPod(call.netns, call.mayBeOwnNetns);
  // Others get theirs late, so that they can ask the network who has an address without passing for their twin.
  const mac = doors.ipam.needsInterface === 'to the end' ? wish.mac : undefined;
  const stage = new Stage(config, doors.node, pod, trunk, { ifname: call.ifname, mac });
  try {
    if (pod.find(call.ifname) !== undefined) {
      throw new Problem('INTERFACE_EXISTS', `${call.netns} has an interface ${call.ifname} already`);
    }
    await drainJournal(doors, attachment);
    const grant = new Grant(doors, attachment, wish, pod.place);
    await moveToConfigured(config, grant, stage);
    mtuOf(config, stage.master);
    const { given, drafted } = await begin(
      doors.ipam,
      async () => stage.draft,
      () => grant.ask(),
    );
    if (given.status === 'rejected') {
      throw given.reason;
    }
    try {
      if (drafted.status === 'rejected') {
        throw drafted.reason;
      }
      return make(call, config, stage, await settle(given.value, { config, grant, stage, attachment }));
    } catch (error) {
      stage.clear();
      await grant.giveBack(error);
      throw error;
    }
  } catch (error) {
    stage.clear();
    throw error;
  } finally {
    pod.close();
  }
}

/**
 * To the VLAN of the configuration. Where the kernel can't, the ledger is asked whether pods belong there at all: a wrong
 * configuration is not to be mended by another kernel.
 */
async function moveToConfigured(config: Config, grant: Grant, stage: Stage): Promise<void> {
  try {
    stage.moveTo(config.vlan);
  } catch (error) {
    // A ledger that has no answer doesn't make the kernel's any better.
    const given = isDelegatedTo(config.ipam.type) ? undefined : await grant.ask().catch(() => undefined);
    try {
      if (given !== undefined) {
        vlanOf(config, given);
      }
    } finally {
      await grant.giveBack(error);
    }
    throw error;
  }
}

interface Ground {
  readonly config: Config;
  readonly grant: Grant;
  readonly stage: Stage;
  readonly attachment: Attachment;
}

/** The allocation that counts, and the interface in the making where it belongs. */
async function settle(given: Allocation, { config, grant, stage, attachment }: Ground): Promise<Allocation> {
  // The ledger alone may know the VLAN.
  stage.moveTo(vlanOf(config, given));
  if (!config.duplicateDetection || given.isProbed) {
    return given;
  }
  const free = await unclaimed(given, grant, stage.draft, draftAlias(attachment));
  if (vlanOf(config, free) !== stage.vlan) {
    throw new Problem('ADDRESSES_TAKEN', 'the address in place of a taken one is on another VLAN');
  }
  return free;
}

function make(call: Call, config: Config, { draft, master, mtu }: Stage, granted: Allocation): CniResult {
  const allocation = asSeenBy(config, granted);
  const { mac, ips, generation } = allocation;
  const routes = podRoutes(allocation);
  const facts = { ifname: call.ifname, mac, mtu, ips: ips.map(({ address }) => address), routes };
  draft.complete(planOf(config, master, facts), aliasOf(attachmentOf(call, config), generation));
  return resultOf(call, config, { allocation, mtu, routes, hostEnd: draft.hostEnd });
}

/**
 * Interface and address. The kernel works while the ledger does, which spares 0.6 ms; what one of them made goes when
 * the other fails. Under another IPAM plugin the interface comes first: it keeps a second ADD of the same attachment
 * from asking for an address, whose failure would free the first one's.
 */
async function begin<T>(ipam: Ipam, draft: () => Promise<Draft>, allocate: () => Promise<T>) {
  if (ipam.needsInterface === 'no') {
    const [given, drafted] = await Promise.allSettled([allocate(), draft()]);
    return { given, drafted };
  }
  const [drafted] = await Promise.allSettled([draft()]);
  if (drafted.status === 'rejected') {
    return { given: drafted, drafted };
  }
  const [given] = await Promise.allSettled([allocate()]);
  return { given, drafted };
}

/** A pod behind its node has another next hop than the ledger's gateway. */
function asSeenBy({ dataplane }: Config, allocation: Allocation): Allocation {
  return dataplane === 'ptp' ? throughHost(allocation) : allocation;
}

/** The interface that pods share; @throws Problem MASTER_MISSING */
export function masterOf({ master: name }: Config, { node }: Doors): Master {
  const master = node.findMaster(name);
  if (master === undefined) {
    const words = name === undefined ? 'there is no default route whose device could be the master' : '';
    throw new Problem('MASTER_MISSING', words || `there is no interface ${name} on this node`);
  }
  return master;
}

function warnOfPassthru({ dataplane, mode }: Config, { name, addresses }: Master, { warn }: Doors): void {
  if (dataplane === 'macvlan' && mode === 'passthru' && addresses.length > 0) {
    const own = addresses.map(({ address }) => address).join(', ');
    warn(`mode "passthru" gives the pod all frames of ${name}: nobody reaches the node by ${own} meanwhile`);
  }
}

interface Attached {
  readonly allocation: Allocation;
  readonly mtu: number;
  readonly routes: readonly PodRoute[];
  readonly hostEnd: HostEnd | undefined;
}

/** What earlier plugins of the chain made stays in front. */
function resultOf(call: Call, config: Config, { allocation, mtu, routes, hostEnd }: Attached): CniResult {
  const previous = config.prevResult ?? emptyResult;
  const { length: index } = previous.interfaces;
  const dns = [config.dns, allocation.dns].find((each) => Object.keys(each).length > 0);
  return {
    interfaces: [
      ...previous.interfaces,
      { name: call.ifname, mac: allocation.mac.toString(), mtu, sandbox: call.netns },
      ...(hostEnd ? [{ name: hostEnd.name, mac: hostEnd.mac.toString(), mtu }] : []),
    ],
    ips: [
      ...previous.ips,
      ...allocation.ips.map(({ address, gateway }) => ({
        address: address.toString(),
        ...(gateway && { gateway: gateway.toString() }),
        interface: index,
      })),
    ],
    routes: [
      ...previous.routes,
      ...routes.map(({ dst, gw, ...rest }) => ({
        dst: dst.toString(),
        ...(gw && { gw: gw.toString() }),
        ...rest,
      })),
    ],
    dns: dns ?? previous.dns,
  };
}
