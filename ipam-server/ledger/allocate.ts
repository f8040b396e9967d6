import { type Family, Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Allocation, AllocationRequest, Pod } from '../../schema/allocation.ts';
import { type Choice, chooseNext, chooseWanted } from './choose.ts';
import type { Decision, Moment } from './decision.ts';
import { nextSequence } from './edit.ts';
import type { Ledger } from './ledger.ts';
import { derivedMac, wantedMac } from './mac.ts';
import type { Network } from './network.ts';
import { type Plan, planOf } from './plan.ts';
import { type AllocationRecord, attachmentName, type Write } from './record.ts';
import { allocationAnswer } from './view.ts';

export interface Allocated {
  readonly created: boolean;
  readonly allocation: Allocation;
}

/**
 * Gives an attachment its addresses, one of each family, all or none; an attachment that has some keeps them.
 *
 * @throws Problem NODE_UNKNOWN, ATTACHMENT_ON_OTHER_NODE, RANGE_EXHAUSTED, SUBNET_UNKNOWN, SUBNET_NOT_OF_NODE,
 *   ADDRESS_NOT_GIVEN, ADDRESS_IN_USE, ADDRESS_WARM, ADDRESS_RESERVED, ADDRESS_COOLING,
 *   ADDRESS_QUARANTINED, MAC_IN_USE, INVALID_REQUEST
 */
export function allocate(ledger: Ledger, request: AllocationRequest, moment: Moment): Decision<Allocated> {
  const name = attachmentName(request);
  const present = ledger.holders.ofAttachment(name);
  if (present !== undefined) {
    if (present.node !== request.node) {
      const detail = `${name} is on node ${present.node}, not on ${request.node}`;
      throw new Problem('ATTACHMENT_ON_OTHER_NODE', detail, { node: present.node });
    }
    return { writes: [], answer: { created: false, allocation: allocationAnswer(ledger, present) } };
  }
  const zone = ledger.nodes.get(request.node)?.spec.zone;
  if (zone === undefined) {
    throw new Problem('NODE_UNKNOWN', `node ${request.node} is not registered`, { node: request.node });
  }
  const choices = choose(ledger, request, zone, moment.now);
  const ips = choices.map((choice) => choice.ip);
  const mac =
    request.mac === undefined ? derivedMac(ledger, zone, ips) : wantedMac(ledger, zone, request.mac);
  const { value: generation, write } = nextSequence(ledger);
  const record = recordOf(request, choices, mac, generation, moment);
  const writes: Write[] = [write, { kind: 'allocation', name, record }];
  for (const { address } of record.ips) {
    if (ledger.releasedAt(address) !== undefined) {
      writes.push({ kind: 'released', name: address, record: null });
    }
    if (ledger.claims.warm(address) !== undefined) {
      writes.push({ kind: 'warm', name: address, record: null });
    }
    if (ledger.contestedAt(address) !== undefined) {
      writes.push({ kind: 'conflict', name: address, record: null });
    }
  }
  return { writes, answer: { created: true, allocation: allocationAnswer(ledger, record) } };
}

function choose(ledger: Ledger, request: AllocationRequest, zone: string, now: number): Choice[] {
  const wanted = new Map((request.addresses ?? []).map(Ip.parse).map((ip) => [ip.family, ip]));
  if (wanted.size < (request.addresses ?? []).length) {
    throw new Problem('INVALID_REQUEST', 'addresses: at most one of a family', { field: 'addresses' });
  }
  const subnet = subnetOf(ledger, request, zone);
  const plan = planIn(planOf(ledger, request.node, zone), subnet);
  const families = request.families ?? defaultFamilies(plan, wanted, subnet);
  for (const [family, ip] of wanted) {
    if (!families.includes(family)) {
      const detail = `addresses: ${ip} is not of the families asked for`;
      throw new Problem('INVALID_REQUEST', detail, { field: 'addresses' });
    }
    if (subnet?.family === family && !subnet.prefix.contains(ip)) {
      throw new Problem('ADDRESS_NOT_GIVEN', `${ip} is not in subnet ${subnet.name}`, { address: `${ip}` });
    }
  }
  if (families.length === 0) {
    const detail = `node ${request.node} has no enabled range, neither its own nor one shared in zone ${zone}`;
    throw new Problem('RANGE_EXHAUSTED', detail, { node: request.node });
  }
  return families.map((family) => {
    const ip = wanted.get(family);
    return ip === undefined
      ? chooseNext(plan[family], now, request.node, family)
      : chooseWanted(ledger, ip, request.node, zone, now);
  });
}

/** The subnet that the request names; @throws Problem SUBNET_UNKNOWN, SUBNET_NOT_OF_NODE */
function subnetOf(ledger: Ledger, request: AllocationRequest, zone: string): Network | undefined {
  const { node, subnet } = request;
  if (subnet === undefined) {
    return undefined;
  }
  const network = ledger.networks.get(subnet);
  if (network === undefined) {
    throw new Problem('SUBNET_UNKNOWN', `subnet ${subnet} does not exist`, { subnet });
  }
  if (network.spec.zone !== zone) {
    const detail = `subnet ${subnet} is of zone ${network.spec.zone}, node ${node} of zone ${zone}`;
    throw new Problem('SUBNET_NOT_OF_NODE', detail, { subnet });
  }
  return network;
}

/** The node's plan, without the other subnets of the family of the one that is asked for. */
function planIn(plan: Plan, subnet: Network | undefined): Plan {
  if (subnet === undefined) {
    return plan;
  }
  return { ...plan, [subnet.family]: plan[subnet.family].filter((source) => source.network === subnet) };
}

/** Every family for which the node has a range or an address is wanted; with a subnet named, only that one's. */
function defaultFamilies(plan: Plan, wanted: ReadonlyMap<Family, Ip>, subnet: Network | undefined): Family[] {
  const all: Family[] = ['ipv4', 'ipv6'];
  return all.filter((family) => {
    const isOffered = subnet === undefined ? plan[family].length > 0 : subnet.family === family;
    return isOffered || wanted.has(family);
  });
}

function recordOf(
  request: AllocationRequest,
  choices: readonly Choice[],
  mac: string,
  generation: number,
  moment: Moment,
): AllocationRecord {
  const { node, network, containerId, ifname } = request;
  return {
    id: moment.id,
    generation,
    at: moment.now,
    node,
    network,
    containerId,
    ifname,
    ...(request.pod === undefined ? {} : { pod: withoutLabels(request.pod) }),
    mac,
    ips: choices.map((choice) => ({
      address: choice.ip.toString(),
      subnet: choice.network.name,
      range: choice.pool.name,
    })),
  };
}

/** Labels decide what a pod gets; the ledger has no use for them afterwards. */
function withoutLabels({ labels: _, namespaceLabels: __, ...pod }: Pod): Pod {
  return pod;
}
