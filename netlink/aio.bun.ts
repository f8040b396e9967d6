import type { dlopen } from 'bun:ffi';
import { addressOf, attempt, lastErrno, libc } from './libc.bun.ts';
import { errno } from './message/errno.ts';
import { concat, u32 } from './message/octets.ts';
import { SystemError } from './system-error.ts';

const { FFI } = Bun as unknown as { readonly FFI: { dlopen: typeof dlopen } };

/** Where glibc has aio(7): in libc itself since 2.34. */
const libraries = ['libc.so.6', 'librt.so.1'];

/** How many writes may be under way at once; what is more waits for one of them (glibc has 20 by itself). */
const threads = 64;

/** `struct aiocb` of 64-bit glibc (aio.h), whose length is 168. */
const controlLength = 168;
const at = { descriptor: 0, address: 16, length: 24, notify: 44 } as const;
const SIGEV_NONE = 1;

function load() {
  for (const name of libraries) {
    try {
      return FFI.dlopen(name, {
        aio_init: { args: ['ptr'], returns: 'void' },
        aio_write: { args: ['ptr'], returns: 'i32' },
        aio_error: { args: ['ptr'], returns: 'i32' },
        dup: { args: ['i32'], returns: 'i32' },
      }).symbols;
    } catch {
      // An older glibc: the next one.
    }
  }
  throw new SystemError('find aio_write in the C library', errno.ENOSYS);
}

let loaded: ReturnType<typeof load> | undefined;

function aio(): ReturnType<typeof load> {
  if (loaded === undefined) {
    loaded = load();
    // `struct aioinit`: threads, requests expected at once; the rest is unused, or glibc's own choice.
    const zero = new Uint8Array(24);
    loaded.aio_init(lasting(concat([u32(threads), u32(threads), zero, u32(1), u32(0)])));
  }
  return loaded;
}

/** Writes that threads of libc are at, each with the descriptor that is its own. */
const running = new Set<Running>();
let sweeping: ReturnType<typeof setInterval> | undefined;
const sweepEvery = 20;

interface Running {
  readonly control: Uint8Array;
  /** Named by its address in `control`: it must not be collected before the thread is done. */
  readonly octets: Uint8Array;
  readonly descriptor: number;
}

/**
 * Writes to a descriptor by a thread of libc, for a write that takes the kernel long: ours goes on. The descriptor may
 * be closed meanwhile, since the thread has one of its own. What a socket answers, its reader sees.
 *
 * @throws SystemError when nothing has been begun
 */
export function writeAside(descriptor: number, octets: Uint8Array): void {
  const { aio_write: write, dup } = aio();
  const own = attempt('copy a descriptor', () => dup(descriptor));
  const entry = { control: lasting(new Uint8Array(controlLength)), octets: lasting(octets), descriptor: own };
  entry.control.set(u32(own), at.descriptor);
  entry.control.set(u64(addressOf(entry.octets)), at.address);
  entry.control.set(u64(BigInt(octets.length)), at.length);
  entry.control.set(u32(SIGEV_NONE), at.notify);
  if (write(entry.control) !== 0) {
    const failure = lastErrno();
    libc().close(own);
    throw new SystemError('begin a write', failure);
  }
  running.add(entry);
  sweeping ??= setInterval(sweep, sweepEvery);
}

function sweep(): void {
  for (const entry of running) {
    if (aio().aio_error(entry.control) !== errno.EINPROGRESS) {
      running.delete(entry);
      libc().close(entry.descriptor);
    }
  }
  if (running.size === 0) {
    clearInterval(sweeping);
    sweeping = undefined;
  }
}

/** A copy that stays where it is: a small array of its own moves when somebody asks for its buffer. */
function lasting(octets: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(octets.length));
  copy.set(octets);
  return copy;
}

function u64(value: bigint): Uint8Array {
  return concat([u32(Number(value & 0xffff_ffffn)), u32(Number(value >> 32n))]);
}
