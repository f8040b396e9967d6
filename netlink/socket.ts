/** Errno of a system call that failed, such as 11 for EAGAIN. */
export type Errno = number;

/** The seam to the kernel: datagrams out and in. `KernelSocket` is the real one. */
export interface Socket {
  /** 0 when it went out. For a change the kernel has done it, or refused it, by the time this returns. */
  send(datagram: Uint8Array): Errno;
  /** The next datagram, whole; EAGAIN when none came in time. */
  receive(): Uint8Array | Errno;
  close(): void;
}
