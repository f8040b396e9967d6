import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { writeAside } from '../../../netlink/aio.bun.ts';
import { libc } from '../../../netlink/libc.bun.ts';
import { errno } from '../../../netlink/message/errno.ts';
import { deleteLink } from '../../../netlink/message/link-request.ts';
import { encodeMessage, flags } from '../../../netlink/message/message.ts';
import { NetlinkError } from '../../../netlink/message/netlink-error.ts';
import { endOf } from './link-end.ts';

/** Milliseconds that the kernel may take until a link is gone; whoever asked then tries for himself. */
const patience = 5_000;

/** A link on its way out, with a socket of its namespace that hears of links' ends. */
export interface Doomed {
  readonly name: string;
  readonly index: number;
  readonly descriptor: number;
}

/**
 * Deletes a link. The request goes out from a thread of libc, which the kernel holds for some fifteen milliseconds more
 * than it takes until the link is gone; the socket hears of that at once, so that nobody polls.
 *
 * @returns when the kernel answers ENODEV for it
 * @throws NetlinkError; Problem KERNEL_REFUSED
 */
export async function deleteAside({ name, index, descriptor }: Doomed): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Whatever comes before somebody waits for it.
  promise.catch(() => undefined);
  const socket = await listen(descriptor, {
    heard: (datagram) => {
      const end = endOf(datagram, index);
      if (end === 'gone') {
        resolve();
      } else if (end !== undefined) {
        reject(new NetlinkError(`delete ${name}`, end));
      }
    },
    closed: () => reject(new NetlinkError(`delete ${name}`, errno.ENOBUFS)),
  });
  const timer = setTimeout(() => reject(tooLong(name)), patience);
  try {
    writeAside(descriptor, request(index));
    await promise;
  } finally {
    clearTimeout(timer);
    socket.terminate();
  }
}

/** Its types leave out the form that takes a descriptor, though they describe it. */
const connect = Bun.connect as unknown as (
  options: Bun.FdSocketOptions<undefined>,
) => Promise<Bun.Socket<undefined>>;

function listen(
  fd: number,
  { heard, closed }: { readonly heard: (datagram: Uint8Array) => void; readonly closed: () => void },
): Promise<Bun.Socket<undefined>> {
  const handlers = {
    data: (_: unknown, datagram: Uint8Array) => heard(datagram),
    close: closed,
    error: closed,
  };
  return connect({ fd, socket: handlers }).catch((error: unknown) => {
    libc().close(fd);
    throw new Problem(
      'KERNEL_REFUSED',
      `could not listen on a netlink socket: ${reasonOf(error)}`,
      {},
      error,
    );
  });
}

function request(index: number): Uint8Array {
  const { type, body } = deleteLink(index);
  return encodeMessage({ type, body, flags: flags.REQUEST | flags.ACK, sequence: 1, port: 0 });
}

function tooLong(name: string): Problem {
  return new Problem(
    'KERNEL_REFUSED',
    `${name} was still there ${patience} ms after its deletion was asked for`,
  );
}
