import { mapOf, usageOf } from '../../../ipam-server/ledger/addresses/usage.ts';
import { allocate } from '../../../ipam-server/ledger/allocation/allocate.ts';
import type { Ledger } from '../../../ipam-server/ledger/state/ledger.ts';
import type { Waiting } from '../../../ipam-server/ledger/state/waiting.ts';

/** All that a ledger knows, for comparisons: every record, in its order where order counts, and what follows from them. */
function viewOf(ledger: Ledger, now: number): object {
  const { holders, claims } = ledger;
  return {
    sequence: ledger.sequence,
    epoch: ledger.epoch,
    zones: byName(ledger.zones),
    subnets: byName(new Map([...ledger.networks].map(([name, { record }]) => [name, record]))),
    ranges: byName(ledger.ranges),
    nodes: byName(ledger.nodes),
    keys: byName(ledger.keys.all()),
    reservations: byName(claims.reservations.byName),
    firstEnd: claims.reservations.firstEnd?.at,
    agents: byName(claims.agents()),
    warm: byName(claims.allWarm()),
    allocations: [...holders.all()],
    perNode: [...ledger.nodes.keys()].sort().map((node) => ({
      node,
      pods: holders.podsOn(node),
      allocations: [...holders.ofNode(node)].map(({ generation }) => generation).sort(),
      warm: [...claims.warmOf(node)].sort(),
    })),
    released: inOrder(ledger.allReleased()),
    contested: inOrder(ledger.allContested()),
    awaited: [...ledger.networks.keys()].sort().map((name) => ledger.awaited.countIn(name)),
    usage: [...ledger.networks.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((network) => [usageOf(network, now), mapOf(ledger, network, now, 1_000, undefined)]),
  };
}

/** Two ledgers know the same, and say the same of every address. */
export function expectSame(one: Ledger, other: Ledger, now: number): void {
  const [seen, expected] = [viewOf(one, now), viewOf(other, now)];
  // Compared as texts first: that they are the same is what nearly always is found.
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    expect(seen).toEqual(expected);
  }
}

/** The addresses that a ledger would give next; it is of no use afterwards. */
export function givenNext(ledger: Ledger, now: number, count: number): string[] {
  const nodes = [...ledger.nodes.keys()].sort();
  return Array.from({ length: count }, (_, i) => {
    const request = {
      node: nodes[i % nodes.length] ?? '',
      network: 'next',
      containerId: `next-${i}`,
      ifname: 'eth0',
    };
    try {
      const { writes, answer } = allocate(ledger, request, { now, id: `next-${i}` });
      for (const write of writes) {
        ledger.apply(write);
      }
      return answer.allocation.ips.map(({ address }) => address).join();
    } catch (error) {
      return String(error);
    }
  });
}

function byName<Value>(entries: Iterable<readonly [string, Value]>): [string, Value][] {
  return [...entries]
    .map(([name, value]): [string, Value] => [name, value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function inOrder<Record extends { readonly sequence: number }>(all: Iterable<Waiting<Record>>): object[] {
  return [...all]
    .map(({ ip, record }) => ({ address: ip.toString(), ...record }))
    .sort((a, b) => a.sequence - b.sequence || (a.address < b.address ? -1 : 1));
}
