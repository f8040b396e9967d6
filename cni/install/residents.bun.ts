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

const globalScope = 0;

/**
 * The interfaces in other network namespaces whose other end, or parent, is this node's: pods', and what containers
 * beside Kubernetes have. Who is at the far end of the node's own uplinks is no pod of it.
 *
 * @param master the conf's; the uplinks are it, the default route's, and whatever has a whole network's address
 */
export function findResidents(master: string | undefined): Survey<Resident> {
  const home = Netns.own();
  const host = Netlink.open();
  try {
    const links = host.links.list();
    const named = [host.links.find(master ?? ''), defaultDevice(host)];
    const addressed = links.filter((link) => host.addresses.list({ link }).some(isOfNetwork));
    const uplinks = new Set([...named, ...addressed].map((link) => link?.index));
    return lookIntoEach((pod, path) => {
      if (pod.netns.isOwn()) {
        return [];
      }
      const found = pod.netlink.links.list();
      const homeId = pod.netlink.netnsIds.find(home);
      return found
        .filter(({ parentIndex, parentNetnsId, kind }) => {
          const hangsHere = parentIndex !== undefined && homeId !== undefined && parentNetnsId === homeId;
          // A macvlan hangs on an uplink by nature, a pair's far end on one is the switch.
          return hangsHere && (kind !== 'veth' || !uplinks.has(parentIndex));
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

/** A pod's end of a pair may have an address of its own there, for that one host. */
function isOfNetwork({ scope, prefix }: ReturnType<Netlink['addresses']['list']>[number]): boolean {
  return scope === globalScope && prefix.bits < (prefix.family === 'ipv4' ? 32 : 128);
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
