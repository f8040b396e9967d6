import { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Reservation } from '../../../schema/reservation.ts';
import type { Subnet } from '../../../schema/subnet.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { Network } from '../state/network.ts';
import type { Pool } from '../state/pool.ts';
import type { Write } from '../state/record.ts';
import {
  type Asked,
  checkPrecondition,
  deleting,
  type Put,
  putting,
  refuseWhileUsed,
  type User,
} from './edit.ts';
import { countOf, difference, type Effect } from './effect.ts';
import { recalls } from './recall.ts';
import { normalSubnet } from './subnet-spec.ts';
import { type Users, usersIn } from './users.ts';

/**
 * @throws Problem INVALID_ADDRESS, INVALID_PREFIX or INVALID_RANGE when its parts do not fit together
 * @throws Problem ZONE_UNKNOWN, SUBNET_OVERLAP
 * @throws Problem IN_USE when addresses in use or reserved, or ranges, would be left outside, in another zone or
 *   excluded; those that are in use and excluded may drain
 */
export function putSubnet(ledger: Ledger, name: string, asIs: Subnet, asked: Asked): Decision<Put> {
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
  const called = present === undefined ? [] : endingIn(ledger, present, spec, asked);
  const { writes, answer } = putting(ledger, present, (revision) => ({
    kind: 'subnet',
    name,
    record: { revision, spec },
  }));
  return { writes: [...writes, ...called], answer };
}

/** @throws Problem IN_USE while the subnet has ranges, reservations or addresses that live on without a range */
export function deleteSubnet(ledger: Ledger, name: string, asked: Asked): Decision<undefined> {
  const present = ledger.networks.get(name);
  // Ranges that the server made go with it.
  const isAuto = (range: string) => ledger.ranges.get(range)?.auto === true;
  const { writes, answer } = deleting(present?.record, asked, { kind: 'subnet', name }, () =>
    present
      ? [
          ...rangesOf(present).filter((range) => !isAuto(range.name)),
          ...reservationsIn(ledger, present, () => true),
          ...all(usersIn(ledger, [present.prefix.range])),
        ]
      : [],
  );
  const blocks = present === undefined || writes.length === 0 ? [] : rangesOf(present);
  return {
    writes: [...blocks.map((range): Write => ({ kind: 'range', name: range.name, record: null })), ...writes],
    answer,
  };
}

/** What putting a subnet, or (null) deleting it, comes to. */
export function effectOnSubnet(ledger: Ledger, name: string, spec: Subnet | null): Effect {
  const present = ledger.networks.get(name);
  const after = spec && new Network(name, { revision: 0, spec });
  const pools = [...(present?.pools.values() ?? [])].filter(({ isDisabled }) => !isDisabled);
  const sum = (count: (pool: Pool) => number) => pools.reduce((all, pool) => all + count(pool), 0);
  const partsAfter = ({ range }: Pool) => after?.partsOf(range) ?? [];
  const lost = difference(present?.giveable ?? [], after?.giveable ?? []);
  return {
    before: sum((pool) => pool.total),
    after: sum((pool) => countOf(partsAfter(pool))),
    lost: sum((pool) => countOf(difference(pool.parts, partsAfter(pool)))),
    live: all(usersIn(ledger, lost)),
  };
}

const all = ({ allocations, reserves }: Users): User[] => [...allocations, ...reserves];

/**
 * What nodes hold in reserve and the subnet gives no more is called back.
 *
 * @throws Problem IN_USE
 */
function endingIn(ledger: Ledger, present: Network, spec: Subnet, asked: Asked): Write[] {
  const { name, prefix: before } = present;
  const after = new Network(name, { revision: 0, spec });
  if (present.spec.zone !== spec.zone) {
    refuseWhileUsed(`subnet ${name} of zone ${present.spec.zone}`, all(usersIn(ledger, [before.range])));
  }
  const { prefix } = after;
  refuseWhileUsed(`what subnet ${name} would lose with ${prefix}`, [
    ...rangesOf(present, (first, last) => !prefix.contains(first) || !prefix.contains(last)),
    ...reservationsIn(ledger, present, (ip) => !prefix.contains(ip)),
    ...all(usersIn(ledger, before.range.minus([prefix.range]))),
  ]);
  const lost = difference(present.giveable, after.giveable);
  const ending = usersIn(ledger, lost);
  // Nobody may go on using what is the gateway’s, or the network’s own, from now on.
  const isExcluded = ({ addresses = [] }: User) => addresses.every((each) => after.excludes(Ip.parse(each)));
  // Hosts that are no pods may have excluded addresses.
  const closed = reservationsIn(
    ledger,
    present,
    (ip, { pod, owner }) =>
      after.whyNever(ip) !== null && !(pod === undefined && owner === undefined && after.excludes(ip)),
  );
  const staying = asked.drain === true ? all(ending).filter((user) => !isExcluded(user)) : all(ending);
  refuseWhileUsed(`what subnet ${name} would give no more`, [...staying, ...closed]);
  return recalls(
    ledger,
    ending.reserves.flatMap(({ addresses = [] }) => addresses),
  );
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
