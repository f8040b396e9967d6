import { dlopen } from 'bun:ffi';
import { closeSync, openSync } from 'node:fs';
import type { Lock } from './lock.ts';

const [LOCK_EX, LOCK_NB] = [2, 4];

/** flock(2) on a file made for it. Loaded with the first use: most calls find no journal and need no lock. */
export function flock(path: string, wait: boolean): Lock | undefined {
  const { symbols } = dlopen('libc.so.6', { flock: { args: ['i32', 'i32'], returns: 'i32' } });
  const descriptor = openSync(path, 'a', 0o600);
  if (symbols.flock(descriptor, wait ? LOCK_EX : LOCK_EX | LOCK_NB) !== 0) {
    closeSync(descriptor);
    return undefined;
  }
  return { unlock: () => closeSync(descriptor) };
}
