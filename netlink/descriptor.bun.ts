import { attempt, libc } from './libc.bun.ts';
import { errno } from './message/errno.ts';
import { concat, readU16, u16, u32 } from './message/octets.ts';
import { SystemError } from './system-error.ts';

/** Of poll(2): what a descriptor is waited for. */
export const events = { readable: 0x1, writable: 0x4 } as const;

/**
 * Waits until a descriptor can be read or written, or has failed: the next call on it tells.
 *
 * @param timeout milliseconds; -1 for ever
 * @returns false when nothing came in time
 */
export function awaitReady(descriptor: number, event: number, timeout: number): boolean {
  const entry = concat([u32(descriptor), u16(event), u16(0)]);
  attempt('poll', () => libc().poll(entry, 1, timeout));
  return readU16(entry, 6) !== 0;
}

/** Octets of a descriptor, as many as are there; 0 at its end. One that doesn't block is waited for. @throws SystemError */
export function readSome(descriptor: number, buffer: Uint8Array): number {
  return patiently(descriptor, events.readable, () =>
    attempt('read', () => libc().read(descriptor, buffer, buffer.length)),
  );
}

/** Writes all octets, also through a descriptor that doesn't block. @throws SystemError */
export function writeAll(descriptor: number, octets: Uint8Array): void {
  for (let rest = octets; rest.length > 0; ) {
    const written = patiently(descriptor, events.writable, () =>
      attempt('write', () => libc().write(descriptor, rest, rest.length)),
    );
    rest = rest.subarray(written);
  }
}

function patiently(descriptor: number, event: number, act: () => number): number {
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof SystemError && error.errno === errno.EAGAIN)) {
        throw error;
      }
      awaitReady(descriptor, event, -1);
    }
  }
}
