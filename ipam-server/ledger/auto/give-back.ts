import { usageOfPool } from '../addresses/usage.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Pool } from '../state/pool.ts';
import type { Write } from '../state/record.ts';

/** So many at a time: a commit stays small, the next comes soon. */
const most = 100;

/**
 * Takes back blocks in which nothing is in use: no address allocated, held in reserve, reserved, at rest or in
 * quarantine. Each node keeps one block, and half a block free in what it keeps: so it needs that much more before
 * the next is made again.
 */
export function giveBackBlocks(ledger: Ledger, now: number): Decision<number> {
  const writes: Write[] = [];
  for (const network of ledger.networks.values()) {
    if (network.blocks === null) {
      continue;
    }
    for (const node of network.nodes()) {
      writes.push(...spareOf(ledger, network, node, now));
      if (writes.length >= most) {
        return { writes: writes.slice(0, most), answer: most, why };
      }
    }
  }
  return { writes, answer: writes.length, why };
}

const why = 'nothing in it is in use, and the node has enough';

function spareOf(ledger: Ledger, network: Network, node: string, now: number): Write[] {
  const own = [...network.poolsOf(node)].filter((pool) => !pool.isDisabled && pool.spec.match === undefined);
  const blocks = own.filter(({ name }) => ledger.ranges.get(name)?.auto === true);
  if (blocks.length < 2) {
    return [];
  }
  let free = own.reduce((sum, pool) => sum + usageOfPool(pool, network, now).free, 0);
  const enough = (network.spec.autoRange?.size ?? 0) / 2;
  // The last blocks of the subnet go first, so that what is used moves together.
  const empty = blocks
    .filter((pool) => isEmpty(pool, network, now))
    .sort((a, b) => b.range.first.compare(a.range.first));
  const spare: Write[] = [];
  for (const { name, total } of empty) {
    if (spare.length + 1 < blocks.length && free - total >= enough) {
      spare.push({ kind: 'range', name, record: null });
      free -= total;
    }
  }
  return spare;
}

function isEmpty(pool: Pool, network: Network, now: number): boolean {
  return usageOfPool(pool, network, now).free === pool.total;
}
