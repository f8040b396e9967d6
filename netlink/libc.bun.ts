import type { dlopen, ptr, read } from 'bun:ffi';
import { errno } from './message/errno.ts';
import { SystemError } from './system-error.ts';

/** What the module `bun:ffi` is made of. Loading that module itself costs half a millisecond at every call. */
const { FFI } = Bun as unknown as {
  readonly FFI: { dlopen: typeof dlopen; ptr: typeof ptr; readonly read: typeof read };
};

/** The calls of libc that Bun has none of its own for, or none as quick. This file is the only door through FFI. */
function load() {
  const library = FFI.dlopen('libc.so.6', {
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
    connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
    setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
    send: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64' },
    recv: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64' },
    poll: { args: ['ptr', 'usize', 'i32'], returns: 'i32' },
    open: { args: ['ptr', 'i32', 'u32'], returns: 'i32' },
    read: { args: ['i32', 'ptr', 'usize'], returns: 'i64' },
    write: { args: ['i32', 'ptr', 'usize'], returns: 'i64' },
    statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
    flock: { args: ['i32', 'i32'], returns: 'i32' },
    close: { args: ['i32'], returns: 'i32' },
    fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    ioctl: { args: ['i32', 'usize', 'usize'], returns: 'i32' },
    setns: { args: ['i32', 'i32'], returns: 'i32' },
    __errno_location: { args: [], returns: 'ptr' },
  });
  if (library instanceof Error) {
    throw library;
  }
  return library.symbols;
}

let loaded: ReturnType<typeof load> | undefined;

/** glibc's calls, loaded with the first use. */
export function libc(): ReturnType<typeof load> {
  loaded ??= load();
  return loaded;
}

/** Calls that only a long-lived process makes: each that is loaded costs a pod start some microseconds. */
function loadRare() {
  const library = FFI.dlopen('libc.so.6', {
    eventfd: { args: ['u32', 'i32'], returns: 'i32' },
    getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  });
  if (library instanceof Error) {
    throw library;
  }
  return library.symbols;
}

let loadedRare: ReturnType<typeof loadRare> | undefined;

/** As `libc`, for what a pod start never needs. */
export function rareLibc(): ReturnType<typeof loadRare> {
  loadedRare ??= loadRare();
  return loadedRare;
}

/** The address of octets in memory, for a structure that points to them; they must outlive the call. */
export function addressOf(octets: Uint8Array): bigint {
  return BigInt(FFI.ptr(octets));
}

/** The errno of the call that has just failed; ask at once, before anything else can change it. */
export function lastErrno(): number {
  const at = libc().__errno_location();
  return at === null ? 0 : FFI.read.i32(at);
}

/** Runs a call until no signal interrupts it. @returns its result; @throws SystemError when that is below zero */
export function attempt(operation: string, call: () => number | bigint): number {
  for (;;) {
    const result = Number(call());
    if (result >= 0) {
      return result;
    }
    const failure = lastErrno();
    if (failure !== errno.EINTR) {
      throw new SystemError(operation, failure);
    }
  }
}
