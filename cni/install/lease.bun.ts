import { libc } from '../../netlink/libc.bun.ts';

const [F_SETLEASE, F_SETSIG] = [1024, 10];
const [F_WRLCK, F_UNLCK] = [1, 2];
/** Who wants in breaks the lease by a signal; this one does nothing by itself, the usual SIGIO would end the process. */
const SIGURG = 23;

/**
 * Runs an act while nobody else has a file open: open(2) by others waits until it is over (fcntl(2), "Leases"). The
 * kernel lets go of it also when this process is killed.
 *
 * @returns whether it was run: not when somebody has the file open, or the file system knows no leases
 */
export function withLease(descriptor: number, act: () => void): boolean {
  libc().fcntl(descriptor, F_SETSIG, SIGURG);
  if (libc().fcntl(descriptor, F_SETLEASE, F_WRLCK) !== 0) {
    return false;
  }
  try {
    act();
    return true;
  } finally {
    libc().fcntl(descriptor, F_SETLEASE, F_UNLCK);
  }
}
