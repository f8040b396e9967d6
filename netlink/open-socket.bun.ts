import { writeAll } from './descriptor.bun.ts';
import type { Names } from './message/names.ts';
import { KernelSocket } from './socket.bun.ts';
import type { Socket } from './socket.ts';
import { TracedSocket } from './traced-socket.ts';

/** The kernel does a request before it answers, so that this is only met when something is badly wrong. */
const timeout = 10_000;

/**
 * A socket to the kernel. REALIP_NETLINK_DEBUG=1 shows each message on stderr (stdout belongs to the CNI result).
 *
 * @param protocol one of `protocols`
 * @param types names of its message types; rtnetlink's unless given
 * @throws NetlinkError
 */
export function openSocket(protocol: number, types?: Names): Socket {
  const socket = KernelSocket.open(timeout, protocol);
  const isTraced = process.env['REALIP_NETLINK_DEBUG'] === '1';
  const tell = (line: string) => writeAll(2, new TextEncoder().encode(`${line}\n`));
  return isTraced ? new TracedSocket(socket, tell, types) : socket;
}
