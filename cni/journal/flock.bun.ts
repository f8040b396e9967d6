import { attempt, libc } from '../../netlink/libc.bun.ts';
import { text } from '../../netlink/message/octets.ts';
import type { Lock } from './lock.ts';

const [LOCK_EX, LOCK_NB] = [2, 4];
const [O_WRONLY, O_CREAT, O_CLOEXEC] = [0x1, 0x40, 0x80000];

/** flock(2) on a file made for it. @throws SystemError when the file can't be made */
export function flock(path: string, wait: boolean): Lock | undefined {
  const descriptor = attempt(`open ${path}`, () =>
    libc().open(text(path), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600),
  );
  if (libc().flock(descriptor, wait ? LOCK_EX : LOCK_EX | LOCK_NB) !== 0) {
    libc().close(descriptor);
    return undefined;
  }
  return { descriptor, unlock: () => libc().close(descriptor) };
}

/** Milliseconds that whoever holds a lock may take: longer than a plugin speaks to its servers by itself. */
const patience = 5_000;

/**
 * The same, but nobody who was stopped with the lock in his hand stops all others for ever: a wait ends without it.
 *
 * @throws SystemError when the file can't be made
 */
export function patientFlock(path: string, wait: boolean): Lock | undefined {
  const until = Bun.nanoseconds() + patience * 1e6;
  let lock = flock(path, false);
  while (lock === undefined && wait && Bun.nanoseconds() < until) {
    Bun.sleepSync(2);
    lock = flock(path, false);
  }
  return lock;
}
