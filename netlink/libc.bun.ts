import { dlopen, ptr, read } from 'bun:ffi';

/** The calls of libc that Bun has none of its own for. This file is the only door through FFI. */
function load() {
  return dlopen('libc.so.6', {
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
    setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
    send: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64' },
    recv: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i64' },
    open: { args: ['ptr', 'i32'], returns: 'i32' },
    close: { args: ['i32'], returns: 'i32' },
    ioctl: { args: ['i32', 'usize', 'usize'], returns: 'i32' },
    setns: { args: ['i32', 'i32'], returns: 'i32' },
    __errno_location: { args: [], returns: 'ptr' },
  }).symbols;
}

let loaded: ReturnType<typeof load> | undefined;

/** glibc's calls, loaded with the first use, because that costs a fraction of a millisecond. */
export function libc(): ReturnType<typeof load> {
  loaded ??= load();
  return loaded;
}

/** What packet sockets need beside that: of its own, because most calls of the plugin open none. */
function loadPacketCalls() {
  return dlopen('libc.so.6', {
    bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
    poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' },
  }).symbols;
}

let loadedPacketCalls: ReturnType<typeof loadPacketCalls> | undefined;

export function packetCalls(): ReturnType<typeof loadPacketCalls> {
  loadedPacketCalls ??= loadPacketCalls();
  return loadedPacketCalls;
}

/** The address of octets in memory, for a structure that points to them; they must outlive the call. */
export function addressOf(octets: Uint8Array): bigint {
  return BigInt(ptr(octets));
}

/** The errno of the call that has just failed; ask at once, before anything else can change it. */
export function lastErrno(): number {
  const at = libc().__errno_location();
  return at === null ? 0 : read.i32(at);
}
