import type { ReserveSubnet } from '../../../schema/reserve.ts';

/** So many a subnet at least, where the range has them. */
export const few = 4;

/** So many of the node's own ranges also on a quiet node: nobody else may use them, and an outage lasts. */
const quietOwn = 16;

/** So many at most, waiting pods apart. */
const most = 64;

/** Milliseconds over which the rate of pods is seen. */
export const window = 10 * 60_000;

/** What a subnet's reserve is, and what was asked of it. */
export interface Demand {
  readonly subnet: ReserveSubnet;
  /** Ready or being probed. */
  readonly usable: number;
  /** How many were given within the window. */
  readonly taken: number;
  /** How many pods wait for one. */
  readonly waiting: number;
}

/**
 * How many addresses of a subnet should be there for pods to come: twice what ten minutes took, between the bounds.
 *
 * @param fixed as the admin set it; undefined: adaptive
 */
export function highMark({ subnet, taken }: Demand, fixed: number | undefined): number {
  const quiet = Math.max(few, Math.min(subnet.own, quietOwn));
  const target = fixed ?? Math.min(most, Math.max(quiet, 2 * taken));
  return Math.min(target, subnet.most);
}

/** With fewer than this the server is asked at once. */
export function lowMark(demand: Demand, fixed: number | undefined): number {
  return Math.ceil(highMark(demand, fixed) / 2);
}

/**
 * How many there are too many: more than the node may hold, or half as many again as it needs. So a few pods more or
 * less move nothing, and what nobody needs comes back to the others.
 */
export function surplus(demand: Demand, fixed: number | undefined): number {
  const { subnet, usable, waiting } = demand;
  const high = highMark(demand, fixed) + waiting;
  const over = usable > high + Math.max(few, high / 2) ? usable - high : 0;
  return Math.max(over, usable - Math.max(subnet.most, 0), 0);
}
