import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { Netns } from '../../netlink/netns.bun.ts';
import { files } from '../files.ts';
import { mountedNetns, type NetnsPath } from './mounted-netns.ts';
import type { Attached } from './node.ts';
import { KernelPod } from './pod/pod.bun.ts';

/** No node has so many; what is more is somebody's leak, and a runtime waits for us. */
const mostNamespaces = 10_000;

/**
 * The interfaces with an alias in all network namespaces of the machine: those that are mounted, and those that only a
 * process holds.
 */
export function findAttached(warn: (message: string) => void): Attached[] {
  const home = Netns.own();
  try {
    return namespaces(warn).flatMap(({ path }) => {
      try {
        return attachedIn(path, home);
      } catch (error) {
        // It went while we looked, as its container did.
        if (!(error instanceof Problem && error.code === 'NETNS_NOT_FOUND')) {
          warn(`could not look into ${path}: ${reasonOf(error)}`);
        }
        return [];
      }
    });
  } finally {
    home.close();
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

function namespaces(warn: (message: string) => void): NetnsPath[] {
  const found = new Map(
    [...mountedNetns(files().readFileSync('/proc/self/mountinfo', 'utf8')), ...heldNetns()]
      // Mounts come first: a path of theirs lasts longer than a process.
      .toReversed()
      .map((each) => [each.inode, each]),
  );
  if (found.size > mostNamespaces) {
    warn(`there are ${found.size} network namespaces; only ${mostNamespaces} were looked into`);
  }
  return [...found.values()].slice(0, mostNamespaces);
}

/** The namespaces of processes. */
function heldNetns(): NetnsPath[] {
  const { readdirSync, statSync } = files();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const path = `/proc/${pid}/ns/net`;
      try {
        return [{ inode: statSync(path).ino, path }];
      } catch {
        // The process has ended.
        return [];
      }
    });
}
