import { Ip } from '../../core/address/ip.ts';
import { isQuarantined } from '../ledger/addresses/quarantine.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import type { Network } from '../ledger/state/network.ts';
import type { Asked } from './asked.ts';
import { addAwaited, addBlocks, addRanges, Room } from './room.ts';

/** More than any node has use for, and a number to every program that reads it. */
const most = 2 ** 31 - 1;

/** What a node holds, and the changes after which it was counted. */
interface Holding {
  readonly touches: number;
  readonly edits: number;
  readonly asks: number;
  /** So many of what its pods asked the scheduler for have they got. */
  readonly used: number;
  readonly reserve: Room;
}

interface ZoneRoom {
  readonly networks: readonly Network[];
  /** What all its nodes may give. */
  readonly shared: Room;
}

/** Of a node: what the scheduler may bind to it in all, and how much of that is still to be had. */
export interface Capacity {
  readonly total: number;
  readonly free: number;
}

/**
 * How many pods with an address each macvlan node can have: those that have asked the scheduler for one and got it,
 * and those for which there is one. What shared ranges hold counts for each node of the zone, so all together may be
 * more than there is; a pod that comes too late then gets none.
 *
 * What is counted of a node is kept until something of the node's changes: with 300,000 allocations on 1,000 nodes a
 * look at all costs little more than what changed.
 */
export class Capacities {
  #ledger: Ledger | null = null;
  readonly #holdings = new Map<string, Holding>();

  /** Of every node whose zone is of type macvlan, by name. */
  all(ledger: Ledger, asked: Asked, now: number): Map<string, Capacity> {
    if (ledger !== this.#ledger) {
      this.#ledger = ledger;
      this.#holdings.clear();
    }
    for (const node of this.#holdings.keys()) {
      if (!ledger.nodes.has(node)) {
        this.#holdings.delete(node);
      }
    }
    const zones = roomsOf(ledger, now);
    const capacities = new Map<string, Capacity>();
    for (const [node, { spec }] of ledger.nodes) {
      const zone = zones.get(spec.zone);
      if (zone !== undefined) {
        capacities.set(node, this.#of(ledger, node, zone, asked, now));
      }
    }
    return capacities;
  }

  #of(ledger: Ledger, node: string, zone: ZoneRoom, asked: Asked, now: number): Capacity {
    const { used, reserve } = this.#holdingOf(ledger, node, zone, asked, now);
    const { fencedAt, syncedAt } = ledger.claims.agent(node) ?? {};
    // A fenced node is given nothing until its agent has synced.
    const isFenced = fencedAt !== undefined && syncedAt !== undefined;
    const own = new Room();
    for (const network of zone.networks) {
      addRanges(own, network, network.poolsOf(node), now);
    }
    const free = isFenced ? 0 : zone.shared.with(own).with(reserve).pods;
    const total = Math.min(most, used + free);
    return { total, free: total - used };
  }

  #holdingOf(ledger: Ledger, node: string, zone: ZoneRoom, asked: Asked, now: number): Holding {
    const touches = ledger.touches.of(node);
    const { edits } = ledger;
    const asks = asked.changesOn(node);
    const kept = this.#holdings.get(node);
    if (kept?.touches === touches && kept.edits === edits && kept.asks === asks) {
      return kept;
    }
    const reserve = reserveOf(ledger, node, zone, now);
    const holding = { touches, edits, asks, used: usedOn(ledger, node, asked), reserve };
    this.#holdings.set(node, holding);
    return holding;
  }
}

/**
 * How much of what a node's pods asked the scheduler for they have got. What others hold (pods of a DaemonSet, pods
 * begun while no webhook was there, attachments of no pod) the scheduler does not know of: it counts for nothing.
 */
function usedOn({ holders }: Ledger, node: string, asked: Asked): number {
  let used = holders.podsOn(node);
  for (const [pod, count] of asked.on(node)) {
    let held = 0;
    for (const record of holders.ofPod(pod)) {
      held += record.node === node ? 1 : 0;
    }
    used += Math.min(held, count) - Math.min(held, 1);
  }
  return used;
}

/** The addresses that a node holds for pods to come; it may give them by itself. */
function reserveOf(ledger: Ledger, node: string, { networks }: ZoneRoom, now: number): Room {
  const reserve = new Room();
  for (const address of ledger.claims.warmOf(node)) {
    const ip = Ip.parse(address);
    const network = networks.find(({ prefix }) => prefix.contains(ip));
    const pool = network?.poolOf(ip);
    const contested = ledger.contestedAt(address);
    const isContested = network && contested && isQuarantined(network, contested, now);
    const isMine = pool !== undefined && !pool.isDisabled && (pool.spec.node ?? node) === node;
    if (network && isMine && !isContested) {
      reserve.add(network.family, 1, false);
    }
  }
  return reserve;
}

/** What every node of a zone may give, by the zones of type macvlan. */
function roomsOf(ledger: Ledger, now: number): Map<string, ZoneRoom> {
  const rooms = new Map<string, ZoneRoom>();
  for (const [zone, { spec }] of ledger.zones) {
    if (spec.type !== 'macvlan') {
      continue;
    }
    const networks = [...ledger.networks.values()].filter((network) => network.spec.zone === zone);
    const shared = new Room();
    for (const network of networks) {
      addRanges(shared, network, network.poolsOf(undefined), now);
      addBlocks(shared, network);
    }
    addAwaited(shared, ledger, networks, now);
    rooms.set(zone, { networks, shared });
  }
  return rooms;
}
