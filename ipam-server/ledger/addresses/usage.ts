import { Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { addressStates, type MapCell, type Usage } from '../../../schema/address.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Pool } from '../state/pool.ts';
import { stateOf } from './address-report.ts';
import type { PageOf } from './search.ts';

/** How many addresses a range may give, by state; costs what rests, not what the range holds. */
export function usageOfPool(pool: Pool, network: Network, now: number): Usage {
  const { total, allocated } = pool;
  const cooling = pool.cooling(now, network);
  const quarantined = pool.quarantined(now, network);
  const warm = pool.claimed('warm', now, network);
  const reserved = pool.claimed('reserved', now, network);
  const free = total - allocated - cooling - quarantined - warm - reserved;
  return { total, free, byState: { free, reserved, warm, allocated, cooling, quarantined } };
}

/** Two usages together. */
export function sumOfUsages(one: Usage, other: Usage): Usage {
  const byState = { ...one.byState };
  for (const state of addressStates) {
    byState[state] += other.byState[state];
  }
  return { total: one.total + other.total, free: byState.free, byState };
}

export const noUsage: Usage = {
  total: 0,
  free: 0,
  byState: { free: 0, reserved: 0, warm: 0, allocated: 0, cooling: 0, quarantined: 0 },
};

/** The same of all ranges of a subnet. */
export function usageOf(network: Network, now: number): Usage {
  let sum = noUsage;
  for (const pool of network.pools.values()) {
    sum = sumOfUsages(sum, usageOfPool(pool, network, now));
  }
  return sum;
}

/**
 * The addresses that the subnet's ranges may give, in order, each with its state.
 *
 * @param cursor the last address of the page before
 */
export function mapOf(
  ledger: Ledger,
  network: Network,
  now: number,
  limit: number,
  cursor: string | undefined,
): PageOf<MapCell> {
  const from = cursor === undefined ? network.prefix.range.first : after(network, cursor);
  const { last } = network.prefix.range;
  const rest = from === null || from.compare(last) > 0 ? null : new Range(from, last);
  const items: MapCell[] = [];
  for (const part of rest === null ? [] : partsWithin(network, rest)) {
    for (let value = part.first.value; value <= part.last.value; value++) {
      if (items.length === limit) {
        return { items, cursor: items[items.length - 1]?.address ?? '' };
      }
      const address = new Ip(network.family, value).toString();
      items.push({ address, state: stateOf(ledger, network, address, now) });
    }
  }
  return { items };
}

/** The address after the one that the cursor names; null at the end of all addresses. */
function after(network: Network, cursor: string): Ip | null {
  const ip = parseCursor(cursor);
  if (!network.prefix.contains(ip)) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`);
  }
  return ip.equals(network.prefix.range.last) ? null : ip.plus(1n);
}

function parseCursor(cursor: string): Ip {
  try {
    return Ip.parse(cursor);
  } catch (error) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`, {}, error);
  }
}

/** The parts of the subnet's ranges that may be given, in order, cut to what lies within `rest`. */
function partsWithin(network: Network, rest: Range): Range[] {
  return [...network.pools.values()]
    .flatMap((pool) => pool.parts)
    .filter((part) => part.overlaps(rest))
    .map((part) => new Range(part.first.compare(rest.first) < 0 ? rest.first : part.first, part.last))
    .sort((a, b) => a.first.compare(b.first));
}
