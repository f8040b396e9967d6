import { podName } from './attachment.ts';
import { type AllocationRecord, attachmentName } from './record.ts';

/** A key to its allocations, oldest first. Nearly every MAC and pod has one, so one alone needs no set. */
class Index {
  readonly #found = new Map<string, AllocationRecord | Set<AllocationRecord>>();

  add(key: string | undefined, record: AllocationRecord): void {
    if (key === undefined) {
      return;
    }
    const found = this.#found.get(key);
    if (found === undefined) {
      this.#found.set(key, record);
    } else if (found instanceof Set) {
      found.add(record);
    } else {
      this.#found.set(key, new Set([found, record]));
    }
  }

  remove(key: string | undefined, record: AllocationRecord): void {
    if (key === undefined) {
      return;
    }
    const found = this.#found.get(key);
    if (found instanceof Set) {
      found.delete(record);
    }
    if (found === record || (found instanceof Set && found.size === 0)) {
      this.#found.delete(key);
    }
  }

  get(key: string): Iterable<AllocationRecord> {
    const found = this.#found.get(key);
    return found instanceof Set ? found : found === undefined ? [] : [found];
  }
}

/** The live allocations, found by attachment, address, MAC, node and pod; all in the order of their generation. */
export class Holders {
  readonly #byAttachment = new Map<string, AllocationRecord>();
  readonly #byAddress = new Map<string, AllocationRecord>();
  readonly #byMac = new Index();
  readonly #byNode = new Index();
  readonly #byPod = new Index();

  add(record: AllocationRecord): void {
    this.#byAttachment.set(attachmentName(record), record);
    for (const held of record.ips) {
      this.#byAddress.set(held.address, record);
    }
    this.#byMac.add(record.mac, record);
    this.#byNode.add(record.node, record);
    this.#byPod.add(podName(record), record);
  }

  remove(record: AllocationRecord): void {
    this.#byAttachment.delete(attachmentName(record));
    for (const held of record.ips) {
      this.#byAddress.delete(held.address);
    }
    this.#byMac.remove(record.mac, record);
    this.#byNode.remove(record.node, record);
    this.#byPod.remove(podName(record), record);
  }

  get size(): number {
    return this.#byAttachment.size;
  }

  /** Every allocated address. */
  addresses(): Iterable<string> {
    return this.#byAddress.keys();
  }

  get addressCount(): number {
    return this.#byAddress.size;
  }

  all(): Iterable<AllocationRecord> {
    return this.#byAttachment.values();
  }

  ofAttachment(name: string): AllocationRecord | undefined {
    return this.#byAttachment.get(name);
  }

  ofAddress(address: string): AllocationRecord | undefined {
    return this.#byAddress.get(address);
  }

  ofMac(mac: string): Iterable<AllocationRecord> {
    return this.#byMac.get(mac);
  }

  ofNode(node: string): Iterable<AllocationRecord> {
    return this.#byNode.get(node);
  }

  ofPod(pod: string): Iterable<AllocationRecord> {
    return this.#byPod.get(pod);
  }
}
