import { Fields } from '../../core/cni/fields.ts';
import { Netlink } from '../../netlink/netlink.bun.ts';
import { Netns } from '../../netlink/netns.bun.ts';
import { files } from '../files.ts';
import { defaultDevice } from '../node/default-device.bun.ts';
import { lookIntoEach, type Survey } from '../node/namespaces.bun.ts';
import { readAlias } from '../plugin/alias.ts';
import type { Noted, Resident } from './residents.ts';

/** libcni's cache, of containerd and CRI-O alike: a file an attachment, from ADD to DEL. */
const cache = '/var/lib/cni/results';

/**
 * The interfaces in other network namespaces whose other end, or parent, is this node's: pods', and what containers
 * beside Kubernetes have. The far end of one of the node's own uplinks is no pod's: it is known by the conf's master, by
 * the default route, or by being a port of a switch there.
 */
export function findResidents(master: string | undefined): Survey<Resident> {
  const home = Netns.own();
  const host = Netlink.open();
  try {
    const uplinks = [host.links.find(master ?? ''), defaultDevice(host)].map((link) => link?.index);
    return lookIntoEach((pod, path) => {
      if (pod.netns.isOwn()) {
        return [];
      }
      const found = pod.netlink.links.list();
      const homeId = pod.netlink.netnsIds.find(home);
      return found
        .filter(({ parentIndex, parentNetnsId, kind, masterIndex }) => {
          const hangsHere = parentIndex !== undefined && homeId !== undefined && parentNetnsId === homeId;
          // A macvlan hangs on an uplink by nature.
          const isSwitchs = kind === 'veth' && (masterIndex !== undefined || uplinks.includes(parentIndex));
          return hangsHere && !isSwitchs;
        })
        .map(({ name: ifname, alias = '' }) => ({
          netns: path,
          inode: files().statSync(path).ino,
          ifname,
          network: readAlias(alias)?.network,
        }));
    });
  } finally {
    host.close();
    home.close();
  }
}

/** What the runtime noted; nothing where it keeps its notes elsewhere, or this container doesn't see them. */
export function findNoted(): Noted[] {
  const { existsSync, readdirSync, readFileSync } = files();
  const names = existsSync(cache) ? readdirSync(cache) : [];
  return names.flatMap((name) => {
    try {
      return [readNote(JSON.parse(readFileSync(`${cache}/${name}`, 'utf8')))];
    } catch {
      // Not libcni's, or gone meanwhile.
      return [];
    }
  });
}

function readNote(json: unknown): Noted {
  const note = new Fields(json, () => undefined);
  const ifname = note.text('ifName') ?? '';
  const interfaces = note.object('result').objects('interfaces');
  const sandboxes = interfaces
    .filter((each) => each.text('name') === ifname)
    .map((each) => each.text('sandbox'));
  return {
    network: note.text('networkName') ?? '',
    containerId: note.text('containerId') ?? '',
    ifname,
    inode: sandboxes.map((path) => inodeOf(path ?? '')).find((inode) => inode !== undefined),
  };
}

function inodeOf(path: string): number | undefined {
  return files().statSync(path, { throwIfNoEntry: false })?.ino;
}
