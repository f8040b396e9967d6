import { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Reservation } from '../../schema/reservation.ts';
import type { Subnet } from '../../schema/subnet.ts';
import type { Decision } from './decision.ts';
import {
  checkPrecondition,
  deleting,
  type Precondition,
  type Put,
  putting,
  refuseWhileUsed,
  type User,
} from './edit.ts';
import type { Ledger } from './ledger.ts';
import { holesOf, Network } from './network.ts';
import { normalSubnet } from './subnet-spec.ts';
import { allocationsWith } from './users.ts';

/**
 * @throws Problem INVALID_ADDRESS, INVALID_PREFIX or INVALID_RANGE when its parts do not fit together
 * @throws Problem ZONE_UNKNOWN, SUBNET_OVERLAP
 * @throws Problem IN_USE when live or reserved addresses or ranges would be left outside, excluded or (live ones)
 *   in another zone
 */
export function putSubnet(ledger: Ledger, name: string, asIs: Subnet, asked: Precondition): Decision<Put> {
  const present = ledger.networks.get(name);
  checkPrecondition(present?.record, asked);
  const spec = normalSubnet(asIs);
  if (!ledger.zones.has(spec.zone)) {
    throw new Problem('ZONE_UNKNOWN', `subnet ${name} cannot be in zone ${spec.zone}, which does not exist`);
  }
  const prefix = Prefix.parseNetwork(spec.cidr);
  for (const other of ledger.networks.values()) {
    if (other.name !== name && other.prefix.overlaps(prefix)) {
      throw new Problem(
        'SUBNET_OVERLAP',
        `subnet ${name} (${prefix}) overlaps ${other.name} (${other.prefix})`,
      );
    }
  }
  if (present !== undefined) {
    checkUsers(ledger, present, spec, prefix);
  }
  return putting(ledger, present, (revision) => ({ kind: 'subnet', name, record: { revision, spec } }));
}

/** @throws Problem IN_USE while the subnet has ranges or reservations */
export function deleteSubnet(ledger: Ledger, name: string, asked: Precondition): Decision<undefined> {
  const present = ledger.networks.get(name);
  return deleting(present?.record, asked, { kind: 'subnet', name }, () =>
    present ? [...rangesOf(present), ...reservationsIn(ledger, present, () => true)] : [],
  );
}

function checkUsers(ledger: Ledger, present: Network, spec: Subnet, prefix: Prefix): void {
  const { name } = present;
  if (present.spec.zone !== spec.zone) {
    const users = allocationsWith(ledger, (held) => held.subnet === name);
    refuseWhileUsed(`subnet ${name} of zone ${present.spec.zone}`, users);
  }
  const left = rangesOf(present, (first, last) => !prefix.contains(first) || !prefix.contains(last));
  const out = reservationsIn(ledger, present, (ip) => !prefix.contains(ip));
  refuseWhileUsed(`what subnet ${name} would lose with ${prefix}`, [...left, ...out]);
  const holes = holesOf(spec, prefix);
  const lost = allocationsWith(
    ledger,
    (held) => held.subnet === name && holes.some((hole) => hole.contains(Ip.parse(held.address))),
  );
  const after = new Network(name, { revision: 0, spec });
  // Hosts that are no pods may have excluded addresses.
  const closed = reservationsIn(
    ledger,
    present,
    (ip, { pod, owner }) =>
      after.whyNever(ip) !== null && !(pod === undefined && owner === undefined && after.excludes(ip)),
  );
  refuseWhileUsed(`what subnet ${name} would give no more`, [...lost, ...closed]);
}

function reservationsIn(
  ledger: Ledger,
  { prefix }: Network,
  isMeant: (ip: Ip, spec: Reservation) => boolean,
): User[] {
  const users: User[] = [];
  for (const [name, { spec }] of ledger.claims.reservations.byName) {
    const addresses = spec.addresses.filter((address) => {
      const ip = Ip.parse(address);
      return prefix.contains(ip) && isMeant(ip, spec);
    });
    if (addresses.length > 0) {
      users.push({ kind: 'reservation', name, addresses });
    }
  }
  return users;
}

function rangesOf(network: Network, isMeant: (first: Ip, last: Ip) => boolean = () => true): User[] {
  return [...network.pools.values()]
    .filter((pool) => isMeant(pool.range.first, pool.range.last))
    .map((pool) => ({ kind: 'range', name: pool.name }));
}
