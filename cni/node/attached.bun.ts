import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { Netns } from '../../netlink/netns.bun.ts';
import { files } from '../files.ts';
import { mountedNetns, type NetnsPath } from './mounted-netns.ts';
import type { Attached, Sighting } from './node.ts';
import { KernelPod } from './pod/pod.bun.ts';

/** No node has so many; what is more is somebody's leak, and a runtime waits for us. */
const mostNamespaces = 10_000;

/**
 * The interfaces with an alias in all network namespaces of the machine: those that are mounted, and those that only a
 * process holds.
 */
export function findAttached(): Sighting {
  const home = Netns.own();
  try {
    const all = namespaces();
    const looks = all.slice(0, mostNamespaces).map((each) => lookInto(each, home));
    const passedOver = all.length - looks.length;
    return {
      attached: looks.flatMap((look) => (typeof look === 'string' ? [] : look)),
      unseen: [
        ...looks.filter((look) => typeof look === 'string'),
        ...(passedOver > 0 ? [`there are ${passedOver} more network namespaces than are looked into`] : []),
      ],
    };
  } finally {
    home.close();
  }
}

/** What is in a namespace, or why that couldn't be seen. */
function lookInto({ inode, paths }: Namespace, home: Netns): Attached[] | string {
  // A path may be hidden by a later mount, or its process gone.
  const path = paths.find((each) => inodeOf(each) === inode);
  if (path === undefined) {
    return [];
  }
  try {
    return attachedIn(path, home);
  } catch (error) {
    // One that went while we looked took its interfaces along.
    return inodeOf(path) === inode ? `could not look into ${path}: ${reasonOf(error)}` : [];
  }
}

function attachedIn(path: string, home: Netns): Attached[] {
  const pod = KernelPod.open(path, true);
  try {
    const links = pod.netlink.links.list().filter(({ alias }) => alias !== undefined);
    const isOwn = pod.netns.isOwn();
    // Asked only now: the list of links has given the node its id.
    const homeId = links.length === 0 ? undefined : pod.netlink.netnsIds.find(home);
    return links.flatMap(({ name: ifname, alias = '', parentIndex, parentNetnsId }) => {
      const isBelowHere = parentNetnsId === undefined ? isOwn : parentNetnsId === homeId;
      const isOnThisNode = parentIndex !== undefined && isBelowHere;
      const ips = pod.find(ifname)?.ips;
      return ips === undefined ? [] : [{ netns: path, ifname, alias, isOnThisNode, ips }];
    });
  } finally {
    pod.close();
  }
}

/** Takes such an interface away, if it is there still. */
export function removeAttached({ netns, ifname, alias }: Attached): void {
  let pod: KernelPod;
  try {
    pod = KernelPod.open(netns, true);
  } catch (error) {
    if (error instanceof Problem && error.code === 'NETNS_NOT_FOUND') {
      return;
    }
    throw error;
  }
  try {
    // A process number may be another's by now, and so its namespace.
    if (pod.find(ifname)?.alias === alias) {
      pod.detach(ifname);
    }
  } finally {
    pod.close();
  }
}

interface Namespace {
  readonly inode: number;
  /** Mounts come first: a path of theirs lasts longer than a process. */
  readonly paths: string[];
}

function namespaces(): Namespace[] {
  const found = new Map<number, Namespace>();
  for (const { inode, path } of [
    ...mountedNetns(files().readFileSync('/proc/self/mountinfo', 'utf8')),
    ...heldNetns(),
  ]) {
    const known = found.get(inode) ?? { inode, paths: [] };
    known.paths.push(path);
    found.set(inode, known);
  }
  return [...found.values()];
}

/** The namespaces of processes. */
function heldNetns(): NetnsPath[] {
  return files()
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const path = `/proc/${pid}/ns/net`;
      const inode = inodeOf(path);
      return inode === undefined ? [] : [{ inode, path }];
    });
}

/** Undefined where there is nothing, as at a process that has ended. */
function inodeOf(path: string): number | undefined {
  try {
    return files().statSync(path).ino;
  } catch {
    return undefined;
  }
}
