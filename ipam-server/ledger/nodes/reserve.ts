import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type {
  HeldWarm,
  ReserveAnswer,
  ReserveRequest,
  ReserveSubnet,
  WarmAddress,
} from '../../../schema/reserve.ts';
import { takeConflict } from '../addresses/conflict.ts';
import { derivedMac } from '../allocation/mac.ts';
import { namedSubnet } from '../allocation/named-subnet.ts';
import { allocatedIp } from '../allocation/view.ts';
import type { Each } from '../command.ts';
import type { Decision, Moment } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { asOfIn, zoneOf } from './agent.ts';
import { type MatchedBy, matchedBy, type ReservedFor, reservedFor } from './constraints.ts';
import { checkEpoch, epochOf } from './epoch.ts';
import { fill } from './grant.ts';
import { checkMayGive } from './may-give.ts';
import { blocksForReserve } from './reserve-blocks.ts';
import { review, type Told } from './review.ts';
import { nodesIn, ownLimit, type Portion, portionsOf, sharedLimit } from './scarcity.ts';

/** What came of a reserve's report. */
export interface Reserve {
  readonly answer: Omit<ReserveAnswer, 'constraints'>;
  readonly reserved: ReservedFor;
  readonly matched: MatchedBy;
  /** How many addresses were in conflict, all of them quarantined now. */
  readonly conflicts: number;
}

/**
 * Takes in what a node's reserve holds and gives it what it lacks, as far as others are left some.
 *
 * @throws Problem NODE_UNKNOWN, EPOCH_MISMATCH, EPOCH_PENDING, NODE_FENCED, INVALID_REQUEST, SUBNET_UNKNOWN,
 *   SUBNET_NOT_OF_NODE; nothing is changed then
 */
export function putReserve(step: Each, node: string, request: ReserveRequest): Reserve {
  const asOf = asOfIn(request.asOf);
  const hold = holdIn(request);
  const zone = step((ledger) => ({ writes: [], answer: check(ledger, node, request) }));
  const told: Told = { node, zone, hold, asOf };
  let conflicts = 0;
  for (const [address, { state, mac }] of hold) {
    if (state === 'conflict' && mac !== undefined) {
      conflicts += step((ledger, moment) => clash(ledger, node, address, mac, moment)) ? 1 : 0;
    }
  }
  blocksForReserve(step, node, zone, request.want ?? {});
  const portions = step((ledger) => ({ writes: [], answer: portionsOf(ledger, node, zone) }));
  const recall = step((ledger, { now }) => review(ledger, told, portions, now));
  for (const portion of portions) {
    fill(step, node, zone, portion, request.want?.[portion.network.name] ?? 0);
  }
  return step((ledger, { now }) => ({
    writes: [],
    answer: {
      answer: {
        addresses: addressesOf(ledger, told),
        recall,
        subnets: portions.map((portion) => subnetOf(ledger, zone, portion, now)),
        nodes: nodesIn(ledger, zone),
        epoch: epochOf(ledger),
        time: new Date(now).toISOString(),
      },
      reserved: reservedFor(ledger, zone),
      matched: matchedBy(ledger, node, zone),
      conflicts,
    },
  }));
}

/** What the node holds, by address; @throws Problem INVALID_REQUEST */
function holdIn({ hold }: ReserveRequest): Map<string, HeldWarm> {
  const byAddress = new Map<string, HeldWarm>();
  for (const [index, held] of hold.entries()) {
    const address = Ip.parse(held.address).toString();
    if (byAddress.has(address)) {
      throw new Problem('INVALID_REQUEST', `body: hold has ${address} twice`, { field: `hold.${index}` });
    }
    if ((held.state === 'conflict') !== (held.mac !== undefined)) {
      const detail = 'body: a conflict names the MAC that was seen, and nothing else does';
      throw new Problem('INVALID_REQUEST', detail, { field: `hold.${index}.mac` });
    }
    byAddress.set(address, held);
  }
  return byAddress;
}

/** Whether the node may have a reserve as it wants it; its zone. */
function check(ledger: Ledger, node: string, { epoch, want = {} }: ReserveRequest): string {
  const zone = zoneOf(ledger, node);
  checkEpoch(ledger, epoch);
  checkMayGive(ledger, node);
  for (const subnet of Object.keys(want)) {
    namedSubnet(ledger, subnet, node, zone);
  }
  return zone;
}

/** Quarantines an address of the reserve that somebody else was seen to use; reports whether it was of the reserve. */
function clash(
  ledger: Ledger,
  node: string,
  address: string,
  mac: string,
  { now }: Moment,
): Decision<boolean> {
  if (ledger.claims.warm(address)?.node !== node) {
    return { writes: [], answer: false };
  }
  return { ...takeConflict(ledger, Ip.parse(address), { node, mac }, {}, { now }), answer: true };
}

/** What of its reserve the node may give. */
function addressesOf(ledger: Ledger, { node, zone, hold }: Told): WarmAddress[] {
  return [...ledger.claims.warmOf(node)].flatMap((address): WarmAddress[] => {
    const warm = ledger.claims.warm(address);
    const ip = Ip.parse(address);
    const network = ledger.networkOf(ip);
    const range = network?.poolOf(ip)?.name;
    if (warm === undefined || warm.recalled === true || network === undefined || range === undefined) {
      return [];
    }
    return [
      {
        ...allocatedIp(ledger, { address, subnet: network.name, range }),
        mac: derivedMac(ledger, zone, [ip]),
        state: hold.get(address)?.state === 'ready' ? 'ready' : 'probing',
        until: new Date(warm.until).toISOString(),
      },
    ];
  });
}

function subnetOf(ledger: Ledger, zone: string, portion: Portion, now: number): ReserveSubnet {
  const { network, own } = portion;
  return {
    subnet: network.name,
    family: network.family,
    ...(network.spec.vlan === undefined ? {} : { vlan: network.spec.vlan }),
    routes: network.spec.routes ?? [],
    dns: network.spec.dns ?? {},
    own: own.reduce((sum, { pool }) => sum + pool.total, 0),
    most: ownLimit(portion, now) + sharedLimit(portion, nodesIn(ledger, zone), now),
  };
}
