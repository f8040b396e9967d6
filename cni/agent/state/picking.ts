import type { Family } from '../../../core/address/ip.ts';
import type { AllocatedIp, Allocation, AllocationRequest } from '../../../schema/allocation.ts';
import type { ReserveSubnet } from '../../../schema/reserve.ts';
import type { Dns } from '../../../schema/subnet.ts';
import type { WarmRecord } from './record.ts';

/** Addresses for a request, or why there are none. */
export type Picked =
  | {
      readonly is: 'picked';
      readonly warm: readonly WarmRecord[];
      readonly subnets: readonly ReserveSubnet[];
    }
  /** Of these subnets one each is lacking and may come. */
  | { readonly is: 'wait'; readonly subnets: readonly ReserveSubnet[] }
  | { readonly is: 'ask'; readonly why: string };

/** What of the reserve may be given now. */
export interface Shelf {
  readonly subnets: readonly ReserveSubnet[];
  /** The next one to give of a subnet. */
  next(subnet: string): WarmRecord | undefined;
  /** Reports whether a subnet may come to have one: being probed, or to be granted yet. */
  mayCome(subnet: ReserveSubnet): boolean;
}

const allFamilies: readonly Family[] = ['ipv4', 'ipv6'];

/**
 * One address of each family that is asked for, all on one VLAN, all or none: as the server would choose, by the
 * order in which it lists the node's subnets.
 */
export function pick({ families, subnet: named }: AllocationRequest, shelf: Shelf): Picked {
  const only = shelf.subnets.find(({ subnet }) => subnet === named);
  if (named !== undefined && only === undefined) {
    return { is: 'ask', why: `this node has no reserve of subnet ${named}` };
  }
  const fit = shelf.subnets.filter(
    (each) => only === undefined || each === only || (each.family !== only.family && each.vlan === only.vlan),
  );
  const groups = byVlan(fit);
  const isOffered = (family: Family) => (groups[0] ?? []).some((each) => each.family === family);
  const asked = families ?? (only ? [only.family] : allFamilies.filter(isOffered));
  const useful = groups.filter((group) => asked.every((each) => group.some(({ family }) => family === each)));
  if (asked.length === 0 || useful.length === 0) {
    return { is: 'ask', why: `this node has no reserve of ${asked.join(' and ') || 'any subnet'}` };
  }
  for (const group of useful) {
    const found = asked.flatMap((family) => firstOf(group, family, shelf) ?? []);
    if (found.length === asked.length) {
      return {
        is: 'picked',
        warm: found.map(({ warm }) => warm),
        subnets: found.map(({ subnet }) => subnet),
      };
    }
  }
  const coming = useful
    .map((group) =>
      asked.filter((family) => firstOf(group, family, shelf) === undefined).map(lackedIn(group, shelf)),
    )
    .find((lacked) => lacked.every((subnets) => subnets.length > 0));
  return coming === undefined
    ? { is: 'ask', why: 'the reserve is empty and no more is left for it' }
    : { is: 'wait', subnets: coming.flatMap((subnets) => subnets.slice(0, 1)) };
}

/** The subnets of each VLAN: those with more families first. */
function byVlan(subnets: readonly ReserveSubnet[]): ReserveSubnet[][] {
  return [...new Set(subnets.map(({ vlan }) => vlan))]
    .map((vlan) => subnets.filter((subnet) => subnet.vlan === vlan))
    .sort((a, b) => familiesIn(b) - familiesIn(a));
}

const familiesIn = (subnets: readonly ReserveSubnet[]) => new Set(subnets.map(({ family }) => family)).size;

function firstOf(
  group: readonly ReserveSubnet[],
  family: Family,
  shelf: Shelf,
): { readonly warm: WarmRecord; readonly subnet: ReserveSubnet } | undefined {
  for (const subnet of group) {
    const warm = subnet.family === family ? shelf.next(subnet.subnet) : undefined;
    if (warm !== undefined) {
      return { warm, subnet };
    }
  }
  return undefined;
}

function lackedIn(group: readonly ReserveSubnet[], shelf: Shelf): (family: Family) => ReserveSubnet[] {
  return (family) => group.filter((subnet) => subnet.family === family && shelf.mayCome(subnet));
}

/** The allocation as the pod's interface is set up from it, before the server has recorded it. */
export function allocationOf(id: string, { warm, subnets }: Extract<Picked, { is: 'picked' }>): Allocation {
  const dns: Required<Dns> = { nameservers: [], search: [], options: [] };
  for (const subnet of subnets) {
    for (const part of ['nameservers', 'search', 'options'] as const) {
      dns[part].push(...(subnet.dns[part] ?? []).filter((each) => !dns[part].includes(each)));
    }
  }
  // The one of the IPv4 address, as the server derives it.
  const first = warm.find(({ address }) => !address.includes(':')) ?? warm[0];
  return {
    id,
    generation: 0,
    mac: first?.mac ?? '',
    ips: warm.map(ipOf),
    routes: subnets.flatMap(({ routes }) => routes),
    dns,
  };
}

function ipOf({ address, gateway, subnet, range, vlan }: WarmRecord): AllocatedIp {
  return {
    address,
    ...(gateway === undefined ? {} : { gateway }),
    subnet,
    ...(range === undefined ? {} : { range }),
    ...(vlan === undefined ? {} : { vlan }),
  };
}
