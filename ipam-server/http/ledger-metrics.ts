import { setImmediate as pause } from 'node:timers/promises';
import { addressStates, type Usage } from '../../schema/address.ts';
import { noUsage, sumOfUsages, usageOfPool } from '../ledger/addresses/usage.ts';
import { toldRanges } from '../ledger/edits/told-ranges.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { Exposition } from './exposition.ts';
import { nodeMetrics } from './node-metrics.ts';

/** The ledger as it is in memory, and the time; null while there is none. */
export type Peek = () => { readonly ledger: Ledger; readonly now: number } | null;

/** Milliseconds after which counting lets waiting calls pass. */
const slice = 3;

/** No name of an object: under it stands what all ranges without figures of their own have together. */
const rest = '*';

/** The metrics that are figures of the ledger. */
function expositions() {
  const gauge = (name: string, help: string) => new Exposition(`realip_ipam_${name}`, 'gauge', help);
  return {
    addresses: gauge('addresses', 'Usable addresses of the ranges of a subnet, by state.'),
    subnetSize: gauge('subnet_size', 'Usable addresses of the ranges of a subnet.'),
    rangeAddresses: gauge('range_addresses', 'Usable addresses of a range, by state.'),
    rangeSize: gauge('range_size', 'Usable addresses of a range.'),
    rangeEnabled: gauge('range_enabled', '1 for a range that gives addresses, 0 for a disabled one.'),
    objects: gauge('objects', 'Objects that admins and agents have made, by kind.'),
    attachments: gauge('attachments', 'Attachments that have addresses.'),
  };
}
type Expositions = ReturnType<typeof expositions>;

/**
 * What the ledger's state is to Prometheus, counted at each scrape. However many ranges there are, calls that wait
 * meanwhile are let pass every few milliseconds; the figures of one range always belong together.
 *
 * @param bound so many ranges have figures of their own; 0: none, and no `realip_ipam_range_…` at all
 * @returns nothing while there is no ledger in memory
 */
export async function ledgerMetrics(peek: Peek, bound: number): Promise<string> {
  const present = peek();
  if (present === null) {
    return '';
  }
  const { ledger, now } = present;
  const told = expositions();
  const ranges = toldRanges(ledger, bound);
  let begun = performance.now();
  for (const network of ledger.networks.values()) {
    let all = noUsage;
    let others: Usage | null = null;
    for (const pool of network.pools.values()) {
      const usage = usageOfPool(pool, network, now);
      all = sumOfUsages(all, usage);
      if (ranges.has(pool.name)) {
        tellRange(told, network.name, pool.name, usage);
        told.rangeEnabled.add({ subnet: network.name, range: pool.name }, pool.isDisabled ? 0 : 1);
      } else if (bound > 0) {
        others = sumOfUsages(others ?? noUsage, usage);
      }
      if (performance.now() - begun > slice) {
        await pause();
        begun = performance.now();
      }
    }
    if (others !== null) {
      tellRange(told, network.name, rest, others);
    }
    tellSubnet(told, network.name, all);
  }
  tellObjects(told, ledger);
  return [...Object.values(told), ...nodeMetrics(ledger, now)].map((each) => each.text()).join('');
}

function tellSubnet({ addresses, subnetSize }: Expositions, subnet: string, usage: Usage): void {
  for (const state of addressStates) {
    addresses.add({ subnet, state }, usage.byState[state]);
  }
  subnetSize.add({ subnet }, usage.total);
}

function tellRange(
  { rangeAddresses, rangeSize }: Expositions,
  subnet: string,
  range: string,
  usage: Usage,
): void {
  for (const state of addressStates) {
    rangeAddresses.add({ subnet, range, state }, usage.byState[state]);
  }
  rangeSize.add({ subnet, range }, usage.total);
}

function tellObjects({ objects, attachments }: Expositions, ledger: Ledger): void {
  const { zones, networks, ranges, nodes, claims } = ledger;
  const reservations = claims.reservations.byName;
  const kinds = { zone: zones, subnet: networks, range: ranges, node: nodes, reservation: reservations };
  for (const [kind, { size }] of Object.entries(kinds)) {
    objects.add({ kind }, size);
  }
  attachments.add({}, ledger.holders.size);
}
