import { Problem } from '../core/problem/problem.ts';
import { writeAll } from './descriptor.bun.ts';
import { identityOf } from './file.bun.ts';
import { lastErrno, libc } from './libc.bun.ts';
import { errno, errnoName } from './message/errno.ts';
import { NetlinkError } from './message/netlink-error.ts';
import { text } from './message/octets.ts';

/** Of the thread, not the process: namespaces belong to threads, and Bun has more than one. */
const ownPath = '/proc/thread-self/ns/net';
const O_RDONLY_NONBLOCK_CLOEXEC = 0x80800;
const [LOCK_EX, LOCK_NB] = [2, 4];
const CLONE_NEWNET = 0x40000000;
/** ioctl_ns(2): the kind of namespace that a descriptor is of; ENOTTY for any other file. */
const NS_GET_NSTYPE = 0xb703;

/** An open network namespace; it lives at least as long as this is open. */
export class Netns {
  readonly path: string;
  readonly fd: number;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  /**
   * @param path such as /var/run/netns/x or /proc/7/ns/net
   * @throws Problem NETNS_NOT_FOUND, NETNS_INVALID
   * @throws NetlinkError when the kernel lacks means or rights: the namespace may well be there (EMFILE, EACCES)
   */
  static open(path: string): Netns {
    const fd = libc().open(text(path), O_RDONLY_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw whyNotOpened(path, lastErrno());
    }
    // `ip netns add` leaves a plain file behind when its mount is gone, so that a path alone proves nothing.
    if (libc().ioctl(fd, NS_GET_NSTYPE, 0) !== CLONE_NEWNET) {
      libc().close(fd);
      throw new Problem('NETNS_INVALID', `${path} is not a network namespace`, { path });
    }
    return new Netns(path, fd);
  }

  /** The namespace that this thread is in. */
  static own(): Netns {
    return Netns.open(ownPath);
  }

  /** Reports whether it is the one that this thread is in. */
  isOwn(): boolean {
    const own = Netns.own();
    try {
      return identityOf(own.fd) === identityOf(this.fd);
    } finally {
      own.close();
    }
  }

  /**
   * Keeps other processes that ask for the same from the namespace until it is closed, or its holder ends (flock(2) on
   * the namespace's own inode, which leaves no file behind).
   *
   * @param milliseconds the longest wait
   * @returns false when another process has it still
   */
  lock(milliseconds: number): boolean {
    const until = Bun.nanoseconds() + milliseconds * 1e6;
    while (libc().flock(this.fd, LOCK_EX | LOCK_NB) !== 0) {
      if (Bun.nanoseconds() >= until) {
        return false;
      }
      Bun.sleepSync(2);
    }
    return true;
  }

  close(): void {
    libc().close(this.fd);
  }
}

const lacks: readonly number[] = [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.EPERM];

function whyNotOpened(path: string, failure: number): Error {
  const what = `open the network namespace ${path}`;
  if (lacks.includes(failure)) {
    return new NetlinkError(what, failure);
  }
  const code = failure === errno.ENOENT ? 'NETNS_NOT_FOUND' : 'NETNS_INVALID';
  return new Problem(code, `could not ${what}: ${errnoName(failure)}`, { path });
}

/** Whatever is no promise: what runs within a namespace must be done before the thread leaves it. */
type Settled<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * Runs `fn` in another network namespace and comes back, also when it throws. Sockets that it opens stay there.
 * When the way back fails the process ends: everything after would be done to the wrong namespace.
 *
 * @throws NetlinkError when the namespace cannot be entered (EPERM), and whatever `fn` throws
 */
export function within<T>(netns: Pick<Netns, 'fd' | 'path'>, fn: () => Settled<T>): Settled<T> {
  const home = Netns.own();
  try {
    enter(netns);
    try {
      return fn();
    } finally {
      comeBack(home);
    }
  } finally {
    home.close();
  }
}

function enter(netns: Pick<Netns, 'fd' | 'path'>): void {
  if (libc().setns(netns.fd, CLONE_NEWNET) !== 0) {
    throw new NetlinkError(`enter the network namespace ${netns.path}`, lastErrno());
  }
}

function comeBack(home: Netns): void {
  if (libc().setns(home.fd, CLONE_NEWNET) !== 0) {
    const words = `realip: cannot return to my own network namespace (${errnoName(lastErrno())}); I stop here\n`;
    try {
      writeAll(2, new TextEncoder().encode(words));
    } finally {
      process.exit(70);
    }
  }
}
