import { Ip } from '../../../core/address/ip.ts';
import type { Range } from '../../../core/address/range.ts';
import type { Choice } from '../allocation/choice.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Write } from '../state/record.ts';
import { blockName } from './name.ts';

/**
 * One more block of a subnet for a node, and the address that comes first in it.
 *
 * @returns undefined when the subnet makes no ranges by itself, or has no block with a free address left
 */
export function grow(ledger: Ledger, network: Network, node: string, now: number): Choice | undefined {
  for (const block of network.blocks?.all() ?? []) {
    const ip = firstFree(ledger, network, block, now);
    if (ip !== undefined) {
      return { network, range: blockName(ledger, network.name, node), ip, block };
    }
  }
  return undefined;
}

/**
 * The record that makes the block of a choice, if it needs one.
 *
 * @param revision a sequence number that the decision writes anyhow
 */
export function blockOf({ network, range, block }: Choice, node: string, revision: number): Write[] {
  if (block === undefined || range === undefined) {
    return [];
  }
  const spec = { subnet: network.name, start: block.first.toString(), end: block.last.toString(), node };
  return [{ kind: 'range', name: range, record: { revision, spec, auto: true } }];
}

/** The first blocks of a node in those subnets of its zone that make ranges by themselves, where it has none. */
export function firstBlocks(
  ledger: Ledger,
  node: string,
  zone: string,
  revision: number,
  now: number,
): Write[] {
  return [...ledger.networks.values()].flatMap((network) => {
    const hasOwn = network.spec.zone !== zone || [...network.poolsOf(node)].length > 0;
    const choice = hasOwn ? undefined : grow(ledger, network, node, now);
    return choice === undefined ? [] : blockOf(choice, node, revision);
  });
}

/** The ranges of a node that the server made, as deletions. */
export function withoutBlocks(ledger: Ledger, node: string): Write[] {
  return [...ledger.networks.values()].flatMap((network) =>
    Array.from(network.poolsOf(node))
      .filter(({ name }) => ledger.ranges.get(name)?.auto === true)
      .map(({ name }): Write => ({ kind: 'range', name, record: null })),
  );
}

/** The address of a block that its range will give first; one that rests has rested enough. */
function firstFree(ledger: Ledger, network: Network, block: Range, now: number): Ip | undefined {
  let used: Ip | undefined;
  for (const { first, last } of network.partsOf(block)) {
    for (let value = first.value; value <= last.value; value++) {
      const ip = new Ip(first.family, value);
      const stand = ledger.standOf(ip.toString());
      if (stand.is === 'unknown') {
        return ip;
      }
      if (stand.is === 'resting' && stand.entry.record.at + network.cooldown <= now) {
        used ??= ip;
      }
    }
  }
  return used;
}
