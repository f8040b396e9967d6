import { Prefix } from '../../core/address/prefix.ts';
import { Fields } from '../../core/cni/fields.ts';
import { files } from '../files.ts';
import type { Lock, TakeLock } from '../journal/lock.ts';
import type { AllocatedIp, Attachment } from '../plugin/ipam/ipam.ts';

/** What another IPAM plugin gave an attachment. */
export type Registered = Attachment & { readonly ips: readonly AllocatedIp[] };

/** Doors of the register. */
export interface RegisterDoors {
  readonly take: TakeLock;
  /** Ends the processes that hold a file open, this program's own excepted. */
  readonly endHolders: (path: string) => void;
}

/** Below /run, and for this network namespace: one machine may hold several nodes. */
export function registerFolder(): string {
  return `/run/realip/delegated/${files().statSync('/proc/self/ns/net').ino}`;
}

/** How long another plugin that is at work for the same attachment may take to end. */
const patienceMs = 5_000;
const pauseMs = 5;

/**
 * What other IPAM plugins gave on this node: a file an attachment. It lies below /run, because all that is done with
 * it, routes above all, is gone after a reboot too. Its lock goes on to the other plugin: when the runtime kills
 * this process alone, DEL finds out that the ADD still works, waits for its end, and frees what it took.
 */
export class Register {
  readonly #folder: string;
  readonly #doors: RegisterDoors;

  constructor(folder: string, doors: RegisterDoors) {
    this.#folder = folder;
    this.#doors = doors;
  }

  /** The attachment's entry, made where there is none, and nobody else's until it is closed. */
  open(attachment: Attachment): Entry {
    files().mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#pathOf(attachment);
    for (;;) {
      const lock = this.#lock(path);
      // Whoever had it may have taken the file away meanwhile.
      if (files().statSync(path, { throwIfNoEntry: false })?.ino === files().fstatSync(lock.descriptor).ino) {
        return new Entry(path, lock, attachment);
      }
      lock.unlock();
    }
  }

  /** The same, of an attachment that has an entry. */
  openIfThere(attachment: Attachment): Entry | undefined {
    return files().statSync(this.#pathOf(attachment), { throwIfNoEntry: false }) && this.open(attachment);
  }

  /** What an attachment was given; undefined when that isn't known. */
  find(attachment: Attachment): Registered | undefined {
    return readEntry(this.#pathOf(attachment));
  }

  /** All that attachments were given. */
  list(): Registered[] {
    const names = files().statSync(this.#folder, { throwIfNoEntry: false })
      ? files().readdirSync(this.#folder)
      : [];
    return names.flatMap((name) => readEntry(`${this.#folder}/${name}`) ?? []);
  }

  /** No name of the three may hold a colon. */
  #pathOf({ network, containerId, ifname }: Attachment): string {
    return `${this.#folder}/${network}:${containerId}:${ifname}`;
  }

  #lock(path: string): Lock {
    for (let from = performance.now(); ; ) {
      const lock = this.#doors.take(path, false);
      if (lock !== undefined) {
        return lock;
      }
      if (performance.now() - from > patienceMs) {
        this.#doors.endHolders(path);
        from = performance.now();
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}

/** An attachment's entry, locked. */
export class Entry {
  readonly #path: string;
  readonly #lock: Lock;
  readonly #attachment: Attachment;

  constructor(path: string, lock: Lock, attachment: Attachment) {
    this.#path = path;
    this.#lock = lock;
    this.#attachment = attachment;
  }

  /** Whoever has this open holds the lock. */
  get descriptor(): number {
    return this.#lock.descriptor;
  }

  write(ips: readonly AllocatedIp[]): void {
    const texts = ips.map(({ address }) => address.toString());
    files().ftruncateSync(this.descriptor);
    files().writeSync(this.descriptor, JSON.stringify({ ...this.#attachment, ips: texts }));
  }

  remove(): void {
    files().unlinkSync(this.#path);
  }

  close(): void {
    this.#lock.unlock();
  }
}

/** Empty while ADD is at work, and after one that was killed. */
function readEntry(path: string): Registered | undefined {
  try {
    const fields = new Fields(JSON.parse(files().readFileSync(path, 'utf8')), (message) => {
      throw new Error(message);
    });
    const [network, containerId, ifname] = ['network', 'containerId', 'ifname'].map((key) =>
      fields.text(key),
    );
    const ips = fields.listOf('ips', (text) => ({ address: Prefix.parse(text) }));
    return network && containerId && ifname ? { network, containerId, ifname, ips } : undefined;
  } catch {
    return undefined;
  }
}
