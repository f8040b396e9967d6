import type { AllocatedIp, Allocation, ListedAllocation } from '../../../schema/allocation.ts';
import type { Dns, Route } from '../../../schema/subnet.ts';
import type { Ledger } from '../state/ledger.ts';
import type { AllocationRecord, HeldAddress } from '../state/record.ts';

/** The answer to the request that made an allocation: all that an interface is set up from. */
export function allocationAnswer(ledger: Ledger, record: AllocationRecord): Allocation {
  const routes: Route[] = [];
  const dns: Required<Dns> = { nameservers: [], search: [], options: [] };
  for (const held of record.ips) {
    const spec = ledger.networks.get(held.subnet)?.spec;
    routes.push(...(spec?.routes ?? []));
    addDns(dns, spec?.dns);
  }
  return {
    id: record.id,
    generation: record.generation,
    mac: record.mac,
    ips: record.ips.map((held) => allocatedIp(ledger, held)),
    routes,
    dns,
  };
}

/** An allocation as the search lists it. */
export function listedAllocation(ledger: Ledger, record: AllocationRecord): ListedAllocation {
  const { at, ips, ...rest } = record;
  return { ...rest, ips: ips.map((held) => allocatedIp(ledger, held)) };
}

/** An address with what an interface needs beside it. */
export function allocatedIp(ledger: Ledger, held: HeldAddress): AllocatedIp {
  const network = ledger.networks.get(held.subnet);
  const { gateway, vlan } = network?.spec ?? {};
  return {
    address: `${held.address}/${network?.prefix.bits}`,
    ...(gateway === undefined ? {} : { gateway }),
    subnet: held.subnet,
    ...(held.range === undefined ? {} : { range: held.range }),
    ...(vlan === undefined ? {} : { vlan }),
  };
}

/** Adds what is not there yet: two subnets of a zone often name the same servers. */
function addDns(to: Required<Dns>, from: Dns | undefined): void {
  for (const part of ['nameservers', 'search', 'options'] as const) {
    to[part].push(...(from?.[part] ?? []).filter((each) => !to[part].includes(each)));
  }
}
