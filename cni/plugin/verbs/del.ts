import type { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Master, Pod } from '../../node/node.ts';
import { draftAlias, generationIn } from '../alias.ts';
import { attachmentOf } from '../attachment.ts';
import type { Config } from '../config.ts';
import { type Doors, drainJournal, releaseOrNote } from '../doors.ts';
import type { Call } from '../environment.ts';
import { areDifferent } from '../generation.ts';
import type { Attachment } from '../ipam/ipam.ts';
import { hasSource } from '../ipam-config.ts';

/**
 * DEL: the interface goes, then the addresses are free. It succeeds whatever is left of either, because a failing
 * DEL strands the pod; what the server can't be told is written down. Only where the kernel refuses to take away what
 * is there it fails, and so is called again: the address stays allocated, because somebody may still have it.
 *
 * @throws Problem DEL_INCOMPLETE
 */
export async function del(call: Call, config: Config, doors: Doors): Promise<void> {
  const attachment = attachmentOf(call, config);
  await drainJournal(doors);
  const pod = openIfThere(call, doors);
  const trunk = once(() => doors.node.findMaster(config.master));
  try {
    const living = pod && findOwn(pod, attachment, config, doors);
    const ledTo = (ips: readonly Ip[]) => (pod ? doors.node.ledTo(pod, call.ifname, ips) : []);
    const ips = await addressesOf(attachment, config, doors, { ...living, ledTo });
    // The configuration may not know the VLAN, because the ledger's subnet does.
    const isOnVlan: boolean =
      config.vlan !== undefined ||
      (living !== undefined && pod !== undefined && isOffTrunk(pod, call.ifname, trunk(), doors));
    // With the master its macvlan went, and not the pair to the host beside that.
    const isOurs = living !== undefined || pod?.find(call.ifname) === undefined;
    // Farewell by the interface: without addresses it can stay until that is said.
    const isNeeded = doors.ipam.needsInterface === 'to the end';
    const own = isOurs ? pod : undefined;
    const delink = () =>
      faultOf(`delete ${call.ifname}`, async () => own && (await detach(own, call.ifname, doors)));
    const strip = () =>
      faultOf(`take the addresses of ${call.ifname}`, async () => own && doors.node.strip(own, call.ifname));
    refuseFaults([
      ...(await faultOf('take away the host’s routes', async () => forgetHostSide(trunk(), doors, ips))),
      ...(await (isNeeded ? strip() : delink())),
    ]);
    await release(config, doors, attachment, living?.generation);
    if (isNeeded) {
      refuseFaults(await delink());
    }
    if (isOnVlan) {
      await tidyVlans(config, doors);
    }
  } finally {
    pod?.close();
  }
}

/** A namespace that is gone, or is none, has taken its interfaces along. */
function openIfThere({ netns, mayBeOwnNetns }: Call, { node, warn }: Doors): Pod | undefined {
  if (netns === '') {
    return undefined;
  }
  try {
    return node.openPod(netns, mayBeOwnNetns);
  } catch (error) {
    if (error instanceof Problem && (error.code === 'NETNS_NOT_FOUND' || error.code === 'NETNS_INVALID')) {
      warn(reasonOf(error));
      return undefined;
    }
    // The kernel's refusal; or the host's own namespace as a pod's, a grave mistake of the caller.
    throw error;
  }
}

/**
 * Takes the interface away: by the agent, which answers as soon as it is gone, while the kernel clears up for another
 * fifteen milliseconds; without an agent here.
 */
async function detach(pod: Pod, ifname: string, { node, agent, warn }: Doors): Promise<void> {
  if (agent?.isThere) {
    const why = await agent.detach(pod.place, ifname);
    if (why === undefined) {
      return;
    }
    warn(`the node’s agent did not take ${ifname} away: ${why}`);
  }
  node.detach(pod, ifname);
}

interface Living {
  /** Absent on an interface that was left half made: it may not have its addresses yet, though the host has routes. */
  readonly ips?: readonly Ip[];
  readonly generation?: number;
}

/**
 * The pod's interface, when it is this attachment's: by its alias; without one, when an ADD was killed half-way (an
 * alias comes with being up) or when it has the addresses that ADD told of. Another plugin's has neither.
 */
function findOwn(pod: Pod, attachment: Attachment, config: Config, { warn }: Doors): Living | undefined {
  const link = pod.find(attachment.ifname);
  if (link === undefined) {
    return undefined;
  }
  const generation = generationIn(link.alias, attachment);
  const ips = link.ips.map(({ address }) => address);
  const kind = config.dataplane === 'ptp' ? 'veth' : 'macvlan';
  const isUnmarked = link.alias === undefined && link.kind === kind;
  const isHalfMade = link.alias === draftAlias(attachment) || (isUnmarked && !link.up);
  const isTold = isUnmarked && sameAddresses(ips, previousIps(config));
  if (generation === undefined && !isHalfMade && !isTold) {
    warn(`${attachment.ifname} is not this attachment's interface and stays (${link.alias ?? link.kind})`);
    return undefined;
  }
  return generation === undefined ? {} : { generation, ips };
}

/**
 * The addresses whose host routes are to go. The pod may have changed its own, and those in prevResult may be another
 * pod's since an earlier DEL: where the two agree they are right, otherwise the ledger is asked. When it is away, and
 * so gives nothing to anybody, prevResult counts, then the interface. When it knows nothing of this interface, those of
 * the interface's addresses count by which the host finds it. With all of them gone the routes stay until the address is
 * given again: ADD puts its own in their place.
 */
async function addressesOf(
  attachment: Attachment,
  config: Config,
  { ipam, warn }: Doors,
  { ips: living = [], generation, ledTo }: Living & { readonly ledTo: (ips: readonly Ip[]) => readonly Ip[] },
): Promise<readonly Ip[]> {
  const previous = previousIps(config);
  if (living.length > 0 && sameAddresses(living, previous)) {
    return living;
  }
  if (config.hostAccess === 'none') {
    return [];
  }
  const known = previous.length > 0 ? previous : living;
  if (!hasSource(config.ipam)) {
    return known;
  }
  try {
    // With the interface there, an address of prevResult that it hasn't got leads nowhere.
    const record = await ipam.find(attachment, living.length > 0 ? undefined : previous[0]);
    // The same container may have been added again, in another namespace.
    const isAnothers =
      generation !== undefined && (record === undefined || areDifferent(generation, record.generation));
    return isAnothers ? ledTo(living) : (record?.ips.map(({ address }) => address.address) ?? []);
  } catch (error) {
    warn(reasonOf(error));
    return known;
  }
}

function sameAddresses(some: readonly Ip[], others: readonly Ip[]): boolean {
  const sorted = (ips: readonly Ip[]) => ips.map(String).sort().join();
  return sorted(some) === sorted(others);
}

function previousIps({ prevResult }: Config): Ip[] {
  return prevResult?.ips.map(({ address }) => Prefix.parse(address).address) ?? [];
}

function forgetHostSide(trunk: Master | undefined, { node }: Doors, ips: readonly Ip[]): void {
  // Whatever dataplane and hostAccess are by now: the configuration may have been changed under the pod. The master may
  // have another name by now, and the host's routes are there still.
  node.forget(trunk, ips);
}

function isOffTrunk(pod: Pod, ifname: string, trunk: Master | undefined, { node }: Doors): boolean {
  return trunk !== undefined && node.placeOf(pod, ifname, trunk) !== trunk;
}

/** The sub-interface that was made for pods goes with the last of them; otherwise the next GC takes it. */
async function tidyVlans({ master: name }: Config, { node, warn }: Doors): Promise<void> {
  const act = async () => {
    const master = node.findMaster(name);
    if (master !== undefined) {
      node.tidyVlans(master);
    }
  };
  (await faultOf('take away an unused VLAN', act)).forEach(warn);
}

async function release(
  config: Config,
  doors: Doors,
  attachment: Attachment,
  generation?: number,
): Promise<void> {
  if (!hasSource(config.ipam)) {
    doors.warn('ipam.server is missing: the release goes to the journal');
  }
  try {
    await releaseOrNote(doors, attachment, generation);
  } catch (error) {
    doors.warn(`the address could not be released: ${reasonOf(error)}`);
  }
}

/** @throws Problem DEL_INCOMPLETE */
function refuseFaults(faults: readonly string[]): void {
  if (faults.length > 0) {
    throw new Problem('DEL_INCOMPLETE', faults.join('; '));
  }
}

/** Does something; why it failed, in a sentence, if it did. */
async function faultOf(what: string, act: () => Promise<unknown>): Promise<string[]> {
  try {
    await act();
    return [];
  } catch (error) {
    return [`could not ${what}: ${reasonOf(error)}`];
  }
}

/** The same answer each time, found when it is first asked for. */
function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
