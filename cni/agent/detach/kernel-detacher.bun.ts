import { readFile } from '../../../netlink/file.bun.ts';
import { addressOf, lastErrno, libc } from '../../../netlink/libc.bun.ts';
import { errno } from '../../../netlink/message/errno.ts';
import { concat, readU32, text } from '../../../netlink/message/octets.ts';
import { Netlink } from '../../../netlink/netlink.bun.ts';
import { within } from '../../../netlink/netns.bun.ts';
import { SystemError } from '../../../netlink/system-error.ts';
import { podEndAlias } from '../../node/access/veth-identity.ts';
import type { Detacher, PodLink } from '../doors.ts';
import { type Doomed, deleteAside } from './deletion.bun.ts';
import { deviceNames, pairOf } from './device-names.ts';
import { openLinkSocket } from './link-socket.bun.ts';
import { openPodNetns } from './pod-netns.bun.ts';

/** The names of the thread's namespace: unlike netlink, the kernel tells them without its lock for links. */
const namesPath = '/proc/thread-self/net/dev';
const SIOCGIFINDEX = 0x8933;
/** `struct ifreq`: 16 octets for the name, 24 for the answer. */
const [nameLength, requestLength] = [16, 40];

/**
 * Takes pods' interfaces away while the agent's loop goes on: what is done here doesn't wait for the lock that the kernel
 * holds while it deletes a link.
 */
export class KernelDetacher implements Detacher {
  readonly #hostRoot: string;

  /** @param hostRoot where the host's files are for an agent in a container that shares the host's processes */
  constructor(hostRoot = '/proc/1/root') {
    this.#hostRoot = hostRoot;
  }

  async detach({ netns: path, inode, ifname }: PodLink): Promise<void> {
    const netns = openPodNetns(path, inode, this.#hostRoot);
    let doomed: Doomed[];
    try {
      doomed = within(netns, () => doom(ifname));
    } finally {
      netns.close();
    }
    const ends = await Promise.allSettled(doomed.map(deleteAside));
    for (const end of ends) {
      if (end.status === 'rejected') {
        throw end.reason;
      }
    }
  }
}

/** What is to go from the thread's namespace: the interface, and the pair to the host beside it. */
function doom(ifname: string): Doomed[] {
  const probe = openLinkSocket();
  const doomed: Doomed[] = [];
  try {
    const names = deviceNames(new TextDecoder().decode(readFile(namesPath)));
    const index = indexOf(probe, ifname);
    const pair = pairOf(names, index);
    const links = [
      ...(index === undefined ? [] : [{ name: ifname, index }]),
      ...(pair === 'unclear' ? pairsByAlias(ifname) : pairNamed(probe, pair)),
    ];
    for (const link of links) {
      doomed.push({ ...link, descriptor: openLinkSocket() });
    }
    return doomed;
  } catch (error) {
    for (const { descriptor } of doomed) {
      libc().close(descriptor);
    }
    throw error;
  } finally {
    libc().close(probe);
  }
}

function pairNamed(probe: number, name: string | undefined): Omit<Doomed, 'descriptor'>[] {
  const index = name === undefined ? undefined : indexOf(probe, name);
  return name === undefined || index === undefined ? [] : [{ name, index }];
}

/** A pod of several networks has several: then the kernel's lock is waited for. */
function pairsByAlias(ifname: string): Omit<Doomed, 'descriptor'>[] {
  const netlink = Netlink.open();
  try {
    const alias = podEndAlias(ifname);
    return netlink.links.list().filter((link) => link.alias === alias);
  } finally {
    netlink.close();
  }
}

/** @returns undefined when there is no interface of that name; @throws SystemError */
function indexOf(socket: number, name: string): number | undefined {
  const request = concat([text(name), new Uint8Array(requestLength - text(name).length)]);
  if (libc().ioctl(socket, SIOCGIFINDEX, addressOf(request)) === 0) {
    return readU32(request, nameLength);
  }
  const failure = lastErrno();
  if (failure === errno.ENODEV) {
    return undefined;
  }
  throw new SystemError(`find ${name}`, failure);
}
