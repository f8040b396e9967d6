import { Problem } from '../../../core/problem/problem.ts';
import { inodeOf } from '../../../netlink/file.bun.ts';
import { Netns } from '../../../netlink/netns.bun.ts';

/**
 * The namespace that a runtime's path means, also where this process sees other mounts than the runtime.
 *
 * @param hostRoot where the runtime's files are found then, such as `/proc/1/root`
 * @throws Problem NETNS_NOT_FOUND where the path leads nowhere from here, or to another namespace
 */
export function openPodNetns(path: string, inode: number, hostRoot: string): Netns {
  for (const place of [path, `${hostRoot}${path}`]) {
    const netns = openIfThere(place);
    if (netns !== undefined) {
      if (inodeOf(netns.fd) === inode) {
        return netns;
      }
      netns.close();
    }
  }
  throw new Problem('NETNS_NOT_FOUND', `${path} does not lead to the namespace ${inode} from here`, { path });
}

/** What can't be opened, for whatever reason, is left to the plugin, which meets the same runtime's path itself. */
function openIfThere(path: string): Netns | undefined {
  try {
    return Netns.open(path);
  } catch {
    return undefined;
  }
}
