import { awaitReady, events } from '../../netlink/descriptor.bun.ts';
import { lastErrno, libc } from '../../netlink/libc.bun.ts';
import { errno } from '../../netlink/message/errno.ts';
import { SystemError } from '../../netlink/system-error.ts';
import type { Place } from './place.ts';
import { TimeoutError } from './timeout.ts';

const SOCK_STREAM_NONBLOCK_CLOEXEC = 0x80801;
const MSG_NOSIGNAL = 0x4000;

/** Milliseconds that are left; 0 or less when time is over. */
export type TimeLeft = () => number;

/** A connection, by TCP or a Unix socket, that is waited for by poll(2): no event loop, no thread beside ours. */
export class Connection {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Begins to connect; whether that succeeds, the first `begin` tells. @throws SystemError */
  static open({ domain, address }: Place): Connection {
    const fd = libc().socket(domain, SOCK_STREAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemError('open a socket', lastErrno());
    }
    if (libc().connect(fd, address, address.length) !== 0) {
      const failure = lastErrno();
      if (failure !== errno.EINPROGRESS && failure !== errno.EINTR) {
        libc().close(fd);
        throw new SystemError('connect', failure);
      }
    }
    return new Connection(fd);
  }

  /** As much as goes out without waiting. @returns the rest; @throws SystemError */
  begin(octets: Uint8Array): Uint8Array {
    const sent = this.#try('send', () => libc().send(this.#fd, octets, octets.length, MSG_NOSIGNAL));
    return octets.subarray(sent ?? 0);
  }

  /** Until something more can be sent. @throws TimeoutError */
  awaitRoom(left: TimeLeft): void {
    this.#await(events.writable, left);
  }

  /** What has come, at least one octet. @returns how many; 0 at the end; @throws SystemError, TimeoutError */
  receive(buffer: Uint8Array, left: TimeLeft): number {
    for (;;) {
      const size = this.#try('receive', () => libc().recv(this.#fd, buffer, buffer.length, 0));
      if (size !== undefined) {
        return size;
      }
      this.#await(events.readable, left);
    }
  }

  /** Something has come, or the other side has closed it. */
  get isReadable(): boolean {
    return awaitReady(this.#fd, events.readable, 0);
  }

  close(): void {
    libc().close(this.#fd);
  }

  /** @returns undefined when the call would have to wait */
  #try(operation: string, call: () => number | bigint): number | undefined {
    for (;;) {
      const result = Number(call());
      if (result >= 0) {
        return result;
      }
      const failure = lastErrno();
      if (failure === errno.EAGAIN) {
        return undefined;
      }
      if (failure !== errno.EINTR) {
        throw new SystemError(operation, failure);
      }
    }
  }

  #await(event: number, left: TimeLeft): void {
    if (!awaitReady(this.#fd, event, Math.max(0, Math.ceil(left())))) {
      throw new TimeoutError();
    }
  }
}
