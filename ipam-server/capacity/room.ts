import type { Family } from '../../core/address/ip.ts';
import { isQuarantined } from '../ledger/addresses/quarantine.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import type { Network } from '../ledger/state/network.ts';
import type { Pool } from '../ledger/state/pool.ts';

const families: readonly Family[] = ['ipv4', 'ipv6'];

/** What pods may still be given, by family. */
export class Room {
  readonly #free: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  /** Families that every pod gets an address of. */
  readonly #open = new Set<Family>();

  /** @param isOpen whether any pod gets an address of this family by it, not only some that match */
  add(family: Family, addresses: number, isOpen: boolean): void {
    this.#free[family] += addresses;
    if (isOpen) {
      this.#open.add(family);
    }
  }

  /** Both together. */
  with(other: Room): Room {
    const both = new Room();
    for (const room of [this, other]) {
      for (const family of families) {
        both.add(family, room.#free[family], room.#open.has(family));
      }
    }
    return both;
  }

  /** So many pods fit in: each takes an address of every family that all of them get. */
  get pods(): number {
    const open = families.filter((family) => this.#open.has(family));
    const free = (each: readonly Family[]) => each.map((family) => this.#free[family]);
    return Math.max(0, open.length > 0 ? Math.min(...free(open)) : Math.max(...free(families)));
  }
}

/** What ranges may still give; disabled ones nothing, and what only rests is given when nothing else is free. */
export function addRanges(room: Room, network: Network, pools: Iterable<Pool>, now: number): void {
  for (const pool of pools) {
    if (!pool.isDisabled) {
      const taken =
        pool.allocated +
        pool.quarantined(now, network) +
        pool.claimed('warm', now, network) +
        pool.claimed('reserved', now, network);
      room.add(network.family, pool.total - taken, pool.spec.match === undefined);
    }
  }
}

/** What the ranges that a subnet will make by itself can hold; some of it too much where blocks are cut. */
export function addBlocks(room: Room, network: Network): void {
  if (network.blocks === null) {
    return;
  }
  const [next] = network.blocks.all();
  if (next !== undefined) {
    let left = Number(network.giveable.reduce((sum, part) => sum + part.size, 0n));
    for (const pool of network.pools.values()) {
      left -= pool.total;
    }
    room.add(network.family, left, true);
  }
}

/** The addresses of subnets that are reserved for pods which have none yet. */
export function addAwaited(room: Room, ledger: Ledger, networks: readonly Network[], now: number): void {
  for (const network of networks) {
    room.add(network.family, ledger.awaited.countIn(network.name), false);
  }
  for (const address of ledger.awaited.contested()) {
    const contested = ledger.contestedAt(address);
    const network = contested && networks.find(({ prefix }) => prefix.contains(contested.ip));
    if (contested && network && isQuarantined(network, contested, now)) {
      room.add(network.family, -1, false);
    }
  }
}
