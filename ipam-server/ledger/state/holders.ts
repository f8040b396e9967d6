import { InOrder } from './in-order.ts';
import type { AllocationRecord } from './record.ts';
import { RecordTable } from './record-table.ts';

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
  readonly #inOrder = new InOrder();
  readonly #byContainer = new RecordTable();
  readonly #byAddress = new RecordTable();
  /** Those whose MAC is not the one that their IPv4 address gives. */
  readonly #byMac = new Index();
  readonly #byNode = new Index();
  /** By namespace, then name. */
  readonly #byPod = new Map<string, Index>();
  /** How many pods each node has. */
  readonly #pods = new Map<string, number>();

  add(record: AllocationRecord): void {
    this.#inOrder.add(record);
    this.#byContainer.add(record.containerId, record);
    for (const held of record.ips) {
      this.#byAddress.add(held.address, record);
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
      this.#countPod(record, 1);
    }
  }

  remove(record: AllocationRecord): void {
    this.#inOrder.remove(record);
    this.#byContainer.remove(record.containerId, record);
    for (const held of record.ips) {
      this.#byAddress.remove(held.address, record);
    }
    this.#byMac.remove(record.mac, record);
    this.#byNode.remove(record.node, record);
    if (record.pod !== undefined) {
      const { namespace, name } = record.pod;
      const pods = this.#byPod.get(namespace);
      this.#countPod(record, -1);
      pods?.remove(name, record);
      if (pods?.isEmpty) {
        this.#byPod.delete(namespace);
      }
    }
  }

  get size(): number {
    return this.#inOrder.size;
  }

  /** Every allocated address. */
  *addresses(): Iterable<string> {
    for (const record of this.all()) {
      for (const held of record.ips) {
        yield held.address;
      }
    }
  }

  get addressCount(): number {
    return this.#byAddress.size;
  }

  /** Those of a higher generation. */
  all(after = 0): Iterable<AllocationRecord> {
    return this.#inOrder.after(after);
  }

  /** @param name as `attachmentName` says it */
  ofAttachment(name: string): AllocationRecord | undefined {
    const [network, containerId = '', ifname] = name.split('/');
    return this.#byContainer.find(
      containerId,
      (record) =>
        record.containerId === containerId && record.ifname === ifname && record.network === network,
    );
  }

  ofAddress(address: string): AllocationRecord | undefined {
    return this.#byAddress.find(address, (record) => isOf(record, address));
  }

  ofMac(mac: string): AllocationRecord[] {
    const byAddress = this.ofAddress(addressOf(mac));
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

  /** How many pods of a node have at least one allocation; those that name no pod are of none. */
  podsOn(node: string): number {
    return this.#pods.get(node) ?? 0;
  }

  /** @param pod `namespace/name` */
  ofPod(pod: string): Iterable<AllocationRecord> {
    const [namespace = '', name = ''] = pod.split('/');
    return this.#byPod.get(namespace)?.get(name) ?? [];
  }

  /** Counts the pod of a record that is in the index, if it is the pod's only one on its node. */
  #countPod({ node, pod }: AllocationRecord, by: 1 | -1): void {
    let count = 0;
    for (const each of this.#byPod.get(pod?.namespace ?? '')?.get(pod?.name ?? '') ?? []) {
      count += each.node === node ? 1 : 0;
    }
    if (count === 1) {
      this.#pods.set(node, this.podsOn(node) + by);
    }
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

function isOf({ ips }: AllocationRecord, address: string): boolean {
  for (const held of ips) {
    if (held.address === address) {
      return true;
    }
  }
  return false;
}
