import { blockOf, firstBlocks, grow } from '../auto/grow.ts';
import type { Each } from '../command.ts';
import type { Decision } from '../decision.ts';
import { nextSequence } from '../edits/edit.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import { few, ownLimit } from './scarcity.ts';

/**
 * Makes a node the blocks that its reserve lacks, in those subnets that make ranges by themselves. A node with a
 * reserve asks for no address unless its pod is a special one, so no allocation would make them.
 *
 * @param want how many addresses of each subnet it would like
 */
export function blocksForReserve(
  step: Each,
  node: string,
  zone: string,
  want: Readonly<Record<string, number>>,
): void {
  // The first ones unasked: the answer’s subnets are how the node knows what it may want.
  step((ledger, { now }) => {
    const { value: revision, write } = nextSequence(ledger);
    const blocks = firstBlocks(ledger, node, zone, revision, now);
    return { writes: blocks.length === 0 ? [] : [write, ...blocks], answer: undefined };
  });
  for (const [subnet, count] of Object.entries(want)) {
    step((ledger, { now }) => {
      const network = ledger.networks.get(subnet);
      return network === undefined
        ? { writes: [], answer: undefined }
        : blockIn(ledger, network, node, count, now);
    });
  }
}

/** One block at most, and only for the first few addresses: a reserve that grows with its ranges would never end. */
function blockIn(
  ledger: Ledger,
  network: Network,
  node: string,
  count: number,
  now: number,
): Decision<undefined> {
  const own = Array.from(network.poolsOf(node))
    .filter(({ spec }) => spec.disabled !== true && spec.match === undefined)
    .map((pool) => ({ network, pool }));
  const isEnough = ownLimit({ network, own, shared: [] }, now) >= Math.min(count, few);
  const choice = isEnough ? undefined : grow(ledger, network, node, now);
  if (choice === undefined) {
    return { writes: [], answer: undefined };
  }
  const { value: revision, write } = nextSequence(ledger);
  return { writes: [write, ...blockOf(choice, node, revision)], answer: undefined };
}
