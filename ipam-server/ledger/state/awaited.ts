/**
 * Addresses that are reserved for pods or workloads and that none of them has at the moment, by subnet. Some pod may
 * be given them, though they are free for nobody else.
 */
export class Awaited {
  readonly #subnetOf: (address: string) => string | undefined;
  readonly #all = new Set<string>();
  readonly #contested = new Set<string>();
  /** Null where subnets have been edited since it was counted. */
  #bySubnet: Map<string, number> | null = new Map();

  /** @param subnetOf the name of the subnet that an address is in */
  constructor(subnetOf: (address: string) => string | undefined) {
    this.#subnetOf = subnetOf;
  }

  /** Takes in how an address (in canonical form) stands from now on: awaited, awaited but contested, or neither. */
  set(address: string, stand: 'awaited' | 'contested' | null): void {
    if (this.#all.has(address) !== (stand !== null)) {
      this.#count(address, stand === null ? -1 : 1);
    }
    put(this.#all, address, stand !== null);
    put(this.#contested, address, stand === 'contested');
  }

  has(address: string): boolean {
    return this.#all.has(address);
  }

  /** Those of them that somebody else was seen to use, now or long ago. */
  contested(): Iterable<string> {
    return this.#contested;
  }

  /** Tells that subnets have changed. */
  regroup(): void {
    this.#bySubnet = null;
  }

  /** How many there are of a subnet, the contested ones among them. */
  countIn(subnet: string): number {
    if (this.#bySubnet === null) {
      this.#bySubnet = new Map();
      for (const address of this.#all) {
        this.#count(address, 1);
      }
    }
    return this.#bySubnet.get(subnet) ?? 0;
  }

  #count(address: string, by: 1 | -1): void {
    const subnet = this.#bySubnet && this.#subnetOf(address);
    if (subnet != null) {
      this.#bySubnet?.set(subnet, (this.#bySubnet.get(subnet) ?? 0) + by);
    }
  }
}

function put(set: Set<string>, address: string, isIn: boolean): void {
  if (isIn) {
    set.add(address);
  } else {
    set.delete(address);
  }
}
