import { readSome, writeAll } from './descriptor.bun.ts';
import { attempt, lastErrno, libc } from './libc.bun.ts';
import { errno } from './message/errno.ts';
import { concat, readU32, text } from './message/octets.ts';
import { SystemError } from './system-error.ts';

// Files through libc: loading node:fs costs a whole millisecond, as much as all requests to the kernel of one ADD.

const [O_RDONLY, O_WRONLY, O_CLOEXEC] = [0, 1, 0x80000];
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
/** Of `struct statx`, whose length is 256. */
const statxLength = 256;
const at = { inode: 32, size: 40, deviceMajor: 136, deviceMinor: 140 } as const;

/** All of a file. @throws SystemError */
export function readFile(path: string): Uint8Array {
  return within(path, O_RDONLY, (descriptor) => {
    const parts: Uint8Array[] = [];
    for (;;) {
      const chunk = new Uint8Array(16_384);
      const size = readSome(descriptor, chunk);
      if (size === 0) {
        return concat(parts);
      }
      parts.push(chunk.subarray(0, size));
    }
  });
}

/** Writes to a file that is there, as the kernel's own below /proc are. @throws SystemError */
export function writeFile(path: string, value: string): void {
  within(path, O_WRONLY, (descriptor) => writeAll(descriptor, new TextEncoder().encode(value)));
}

/** Octets of a file, 0 where there is none. @throws SystemError */
export function sizeOf(path: string): number {
  const stat = new Uint8Array(statxLength);
  const isThere = libc().statx(AT_FDCWD, text(path), 0, STATX_BASIC_STATS, stat) === 0;
  const failure = isThere ? 0 : lastErrno();
  if (failure !== 0 && failure !== errno.ENOENT) {
    throw new SystemError(`look at ${path}`, failure);
  }
  return readU32(stat, at.size) + readU32(stat, at.size + 4) * 2 ** 32;
}

/** Inode of a file that is open. @throws SystemError */
export function inodeOf(descriptor: number): number {
  const stat = statOf(descriptor);
  return readU32(stat, at.inode) + readU32(stat, at.inode + 4) * 2 ** 32;
}

/** What a file that is open has alone: device and inode. @throws SystemError */
export function identityOf(descriptor: number): string {
  const stat = statOf(descriptor);
  const [major, minor] = [readU32(stat, at.deviceMajor), readU32(stat, at.deviceMinor)];
  return `${major}:${minor} ${readU32(stat, at.inode + 4)}:${readU32(stat, at.inode)}`;
}

function statOf(descriptor: number): Uint8Array {
  const stat = new Uint8Array(statxLength);
  attempt(`look at descriptor ${descriptor}`, () =>
    libc().statx(descriptor, text(''), AT_EMPTY_PATH, STATX_BASIC_STATS, stat),
  );
  return stat;
}

function within<T>(path: string, flags: number, act: (descriptor: number) => T): T {
  const descriptor = attempt(`open ${path}`, () => libc().open(text(path), flags | O_CLOEXEC, 0));
  try {
    return act(descriptor);
  } finally {
    libc().close(descriptor);
  }
}
