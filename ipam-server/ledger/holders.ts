import { podName } from './attachment.ts';
import { type AllocationRecord, attachmentName } from './record.ts';

/** A key to several allocations, oldest first. */
class Index {
  readonly #sets = new Map<string, Set<AllocationRecord>>();

  add(key: string | undefined, record: AllocationRecord): void {
    if (key === undefined) {
      return;
    }
    const set = this.#sets.get(key);
    if (set === undefined) {
      this.#sets.set(key, new Set([record]));
    } else {
      set.add(record);
    }
  }

  remove(key: string | undefined, record: AllocationRecord): void {
    if (key === undefined) {
      return;
    }
    const set = this.#sets.get(key);
    set?.delete(record);
    if (set?.size === 0) {
      this.#sets.delete(key);
    }
  }

  get(key: string): Iterable<AllocationRecord> {
    return this.#sets.get(key) ?? [];
  }

  sizeOf(key: string): number {
    return this.#sets.get(key)?.size ?? 0;
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

  countOfNode(node: string): number {
    return this.#byNode.sizeOf(node);
  }
}
