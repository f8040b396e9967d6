import type { AllocationRecord } from './record.ts';

/** A key to its allocations, oldest first. Nearly every MAC and pod has one, so one alone needs no set. */
class Index {
  readonly #found = new Map<string, AllocationRecord | Set<AllocationRecord>>();

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  add(key: string, record: AllocationRecord): void {
    const found = this.#found.get(key);
    if (found === undefined) {
      this.#found.set(key, record);
    } else if (found instanceof Set) {
      found.add(record);
    } else {
      this.#found.set(key, new Set([found, record]));
    }
  }

  remove(key: string, record: AllocationRecord): void {
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

/**
 * The live allocations, found by attachment, address, MAC, node and pod; all in the order of their generation.
 * There may be some hundred thousand: what can be found by a text of the record itself has no key of its own.
 */
export class Holders {
  readonly #byContainer = new Index();
  readonly #byAddress = new Map<string, AllocationRecord>();
  /** Those whose MAC is not the one that their IPv4 address gives. */
  readonly #byMac = new Index();
  readonly #byNode = new Index();
  /** By namespace, then name. */
  readonly #byPod = new Map<string, Index>();
  #size = 0;

  add(record: AllocationRecord): void {
    this.#size++;
    this.#byContainer.add(record.containerId, record);
    for (const held of record.ips) {
      this.#byAddress.set(held.address, record);
    }
    if (!isFoundByMac(record)) {
      this.#byMac.add(record.mac, record);
    }
    this.#byNode.add(record.node, record);
    if (record.pod !== undefined) {
      const { namespace, name } = record.pod;
      const pods = this.#byPod.get(namespace) ?? new Index();
      this.#byPod.set(namespace, pods);
      pods.add(name, record);
    }
  }

  remove(record: AllocationRecord): void {
    this.#size--;
    this.#byContainer.remove(record.containerId, record);
    for (const held of record.ips) {
      this.#byAddress.delete(held.address);
    }
    this.#byMac.remove(record.mac, record);
    this.#byNode.remove(record.node, record);
    if (record.pod !== undefined) {
      const { namespace, name } = record.pod;
      const pods = this.#byPod.get(namespace);
      pods?.remove(name, record);
      if (pods?.isEmpty) {
        this.#byPod.delete(namespace);
      }
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Every allocated address. */
  addresses(): Iterable<string> {
    return this.#byAddress.keys();
  }

  get addressCount(): number {
    return this.#byAddress.size;
  }

  *all(): Iterable<AllocationRecord> {
    for (const [address, record] of this.#byAddress) {
      if (record.ips[0]?.address === address) {
        yield record;
      }
    }
  }

  /** @param name as `attachmentName` says it */
  ofAttachment(name: string): AllocationRecord | undefined {
    const [network, containerId = '', ifname] = name.split('/');
    for (const record of this.#byContainer.get(containerId)) {
      if (record.ifname === ifname && record.network === network) {
        return record;
      }
    }
    return undefined;
  }

  ofAddress(address: string): AllocationRecord | undefined {
    return this.#byAddress.get(address);
  }

  ofMac(mac: string): AllocationRecord[] {
    const byAddress = this.#byAddress.get(addressOf(mac));
    const found = [...this.#byMac.get(mac)];
    if (byAddress !== undefined && byAddress.mac === mac && !found.includes(byAddress)) {
      found.push(byAddress);
      found.sort((a, b) => a.generation - b.generation);
    }
    return found;
  }

  ofNode(node: string): Iterable<AllocationRecord> {
    return this.#byNode.get(node);
  }

  /** @param pod `namespace/name` */
  ofPod(pod: string): Iterable<AllocationRecord> {
    const [namespace = '', name = ''] = pod.split('/');
    return this.#byPod.get(namespace)?.get(name) ?? [];
  }
}

/** The IPv4 address that the last four octets of a MAC are. */
function addressOf(mac: string): string {
  return `${octetAt(mac, 6)}.${octetAt(mac, 9)}.${octetAt(mac, 12)}.${octetAt(mac, 15)}`;
}

/** The two digits at a place, as a number; by hand, because each allocation asks several times. */
function octetAt(mac: string, place: number): number {
  return 16 * digitOf(mac.charCodeAt(place)) + digitOf(mac.charCodeAt(place + 1));
}

/** The value of a lower-case hexadecimal digit. */
function digitOf(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

/** Reports whether a record's MAC leads to one of its addresses. */
function isFoundByMac({ mac, ips }: AllocationRecord): boolean {
  const address = addressOf(mac);
  return ips.some((held) => held.address === address);
}
