import { type Family, Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { NamedReservation } from '../state/reservations.ts';
import type { Asking } from './asking.ts';
import { podName } from './attachment.ts';
import type { Choice } from './choice.ts';
import { type Obstacle, obstacleOf, type Reserved } from './obstacle.ts';
import { workloadOf } from './reserved-for.ts';

/**
 * The reservations that a request's pod may draw from, in the order in which they are asked: an admin's for the
 * pod, an admin's for its workload, then what sticky pods made. Whose pods ask to stick alone do not share a
 * workload's set, nor the other way round.
 */
function tiersOf(ledger: Ledger, { pod }: Asking): readonly (readonly NamedReservation[])[] {
  const { reservations } = ledger.claims;
  if (pod === undefined || reservations.byName.size === 0) {
    return [];
  }
  const workload = workloadOf(pod);
  const ofPod = reservations.ofPod(pod);
  const ofOwner = workload === undefined ? [] : reservations.ofOwner(workload);
  const isSticky = ({ reservation }: NamedReservation) => reservation.sticky !== undefined;
  const isFixed = (each: NamedReservation) => !isSticky(each);
  return [
    ofPod.filter(isFixed),
    ofOwner.filter(isFixed),
    pod.sticky === 'owner' ? [] : ofPod.filter(isSticky),
    pod.sticky === 'pod' ? [] : ofOwner.filter(isSticky),
  ].filter((tier) => tier.length > 0);
}

/**
 * The reserved address of a family that a request gets, without cooldown; undefined where nothing is reserved
 * for its pod, where all of it is in use by the pod's other interfaces, or where a sticky set has none free.
 *
 * @param subnet only this one's, when the request names it
 * @throws Problem RESERVATION_NOT_OF_NODE when no node of the zone has the reserved addresses
 * @throws Problem RESERVATION_HELD, RESERVATION_EXHAUSTED, ADDRESS_* when none can be given now: the pod has to
 *   wait, for it never gets another address
 */
export function chooseReserved(
  ledger: Ledger,
  asking: Asking,
  family: Family,
  zone: string,
  subnet: Network | undefined,
  now: number,
): Choice | undefined {
  for (const tier of tiersOf(ledger, asking)) {
    const all = tier.flatMap((by) => addressesOf(ledger, by, family));
    const meant = subnet === undefined ? all : all.filter(({ network }) => network === subnet);
    const isSoft = tier.some(({ reservation }) => reservation.sticky !== undefined);
    const inZone = meant.filter(
      ({ ip, network }) => network.spec.zone === zone && !(isSoft && network.poolOf(ip)?.isDisabled),
    );
    const [first] = meant;
    if (first !== undefined && inZone.length === 0 && !isSoft) {
      const { ip, network } = first;
      const detail = `${ip} of reservation ${first.by.name} is in zone ${network.spec.zone}, node ${asking.node} in zone ${zone}`;
      throw new Problem('RESERVATION_NOT_OF_NODE', detail, { address: `${ip}`, reservation: first.by.name });
    }
    const chosen = chooseOf(ledger, asking, inZone, isSoft, now);
    if (chosen !== undefined) {
      return chosen;
    }
  }
  return undefined;
}

function chooseOf(
  ledger: Ledger,
  asking: Asking,
  candidates: readonly Reserved[],
  isSoft: boolean,
  now: number,
): Choice | undefined {
  const free: Reserved[] = [];
  const waits: Obstacle[] = [];
  for (const candidate of candidates) {
    const obstacle = obstacleOf(ledger, candidate, asking, now);
    if (obstacle === null) {
      free.push(candidate);
    } else if (obstacle.holder?.containerId !== asking.containerId) {
      waits.push(obstacle);
    }
  }
  // One of the same name has it in one sandbox at a time, though another address were free: names come back.
  const name = podName(asking);
  const former = waits.find(({ holder }) => holder !== undefined && podName(holder) === name);
  if (former !== undefined) {
    throw former.problem();
  }
  const best = bestOf(ledger, asking, free);
  if (best !== undefined) {
    return choiceOf(best);
  }
  // A sandbox that has all of them itself asks for a further interface: that one's address is an ordinary one.
  const [first, ...others] = waits;
  if (first === undefined || isSoft) {
    return undefined;
  }
  throw others.length === 0 && first.holder === undefined ? first.problem() : exhausted(waits);
}

function exhausted(waits: readonly Obstacle[]): Problem {
  const names = [...new Set(waits.map(({ by }) => by.name))].join(', ');
  const reasons = waits.slice(0, 5).map(({ words }) => words);
  const more = waits.length > reasons.length ? `; and ${waits.length - reasons.length} more` : '';
  const detail = `reservation ${names} has no address free: ${reasons.join('; ')}${more}`;
  return new Problem('RESERVATION_EXHAUSTED', detail, { reservation: names });
}

/** An address that the request names and that is reserved for its pod; undefined when it is not. */
export function chooseWantedReserved(
  ledger: Ledger,
  ip: Ip,
  asking: Asking,
  zone: string,
  now: number,
): Choice | undefined {
  const by = ledger.claims.reservations.ofAddress(ip.toString());
  const network = ledger.networkOf(ip);
  const isOwn = tiersOf(ledger, asking).some((tier) => tier.some(({ name }) => name === by?.name));
  if (by === undefined || network === undefined || !isOwn) {
    return undefined;
  }
  if (network.spec.zone !== zone) {
    const detail = `${ip} is in zone ${network.spec.zone}, node ${asking.node} in zone ${zone}`;
    throw new Problem('RESERVATION_NOT_OF_NODE', detail, { address: `${ip}`, reservation: by.name });
  }
  const obstacle = obstacleOf(ledger, { ip, network, by }, asking, now, asking.node);
  if (obstacle !== null) {
    throw obstacle.problem();
  }
  return choiceOf({ ip, network, by });
}

function addressesOf(ledger: Ledger, by: NamedReservation, family: Family): Reserved[] {
  return by.reservation.spec.addresses.flatMap((address) => {
    const isFamily = address.includes(':') === (family === 'ipv6');
    const ip = isFamily ? Ip.parse(address) : undefined;
    const network = ip && ledger.networkOf(ip);
    return ip && network ? [{ ip, network, by }] : [];
  });
}

/**
 * The one that the pod had last, by the same interface if it can be; else one that nobody had; else the one that
 * is free longest, so that a pod which comes back in a moment finds its own.
 */
function bestOf(ledger: Ledger, { pod, ifname }: Asking, free: readonly Reserved[]): Reserved | undefined {
  const name = podName({ pod });
  const rankOf = ({ ip }: Reserved): number => {
    const record = ledger.releasedAt(ip.toString())?.record;
    if (record?.holder === undefined) {
      return 2;
    }
    if (record.holder.pod === name) {
      return record.holder.ifname === ifname ? 0 : 1;
    }
    return 3 + record.sequence;
  };
  let best: { readonly reserved: Reserved; readonly rank: number } | undefined;
  for (const reserved of free) {
    const rank = rankOf(reserved);
    if (best === undefined || rank < best.rank) {
      best = { reserved, rank };
    }
  }
  return best?.reserved;
}

function choiceOf({ ip, network }: Reserved): Choice {
  const range = network.poolOf(ip)?.name;
  return { ip, network, ...(range === undefined ? {} : { range }) };
}
