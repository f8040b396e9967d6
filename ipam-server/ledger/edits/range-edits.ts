import { Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { AddressRange } from '../../../schema/range.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Pool } from '../state/pool.ts';
import type { RangeRecord, Write } from '../state/record.ts';
import { type Asked, checkPrecondition, deleting, type Put, putting, refuseWhileUsed } from './edit.ts';
import { countOf, difference, type Effect } from './effect.ts';
import { recalls } from './recall.ts';
import { type Users, usersIn } from './users.ts';

/** One range's addresses are counted and named by 32-bit offsets. */
const largest = 1n << 32n;

/**
 * @throws Problem SUBNET_UNKNOWN, RANGE_OVERLAP, INVALID_RANGE
 * @throws Problem IN_USE when addresses in use would be left outside, or belong to another node, unless they drain
 */
export function putRange(ledger: Ledger, name: string, asIs: AddressRange, asked: Asked): Decision<Put> {
  const present = ledger.ranges.get(name);
  checkPrecondition(present, asked);
  const range = rangeOf(asIs);
  const spec = { ...asIs, start: range.first.toString(), end: range.last.toString() };
  checkPlace(ledger, name, spec, range);
  const called = endingIn(ledger, name, spec, asked);
  const { writes, answer } = putting(ledger, present, (revision) => ({
    kind: 'range',
    name,
    record: { revision, spec, ...stillAuto(present, spec) },
  }));
  return { writes: [...writes, ...called], answer };
}

/** A range that the server made is the admin’s own once he changes it. */
function stillAuto(present: RangeRecord | undefined, spec: AddressRange): Pick<RangeRecord, 'auto'> {
  const { subnet, start, end, node, ...others } = spec;
  const before = present?.spec;
  const isSame =
    before?.subnet === subnet && before.start === start && before.end === end && before.node === node;
  return present?.auto === true && isSame && Object.keys(others).length === 0 ? { auto: true } : {};
}

/** @throws Problem IN_USE while an address of the range is in use, unless they drain */
export function deleteRange(ledger: Ledger, name: string, asked: Asked): Decision<undefined> {
  const present = ledger.ranges.get(name);
  const { writes, answer } = deleting(present, asked, { kind: 'range', name }, () => []);
  return { writes: [...writes, ...endingIn(ledger, name, null, asked)], answer };
}

/** What putting a range, or (null) deleting it, comes to. */
export function effectOnRange(ledger: Ledger, name: string, spec: AddressRange | null): Effect {
  const pool = poolOf(ledger, name);
  // A disabled range gives as little as one that is not there.
  const after = spec?.disabled === true ? null : spec;
  const parts = after === null ? [] : (ledger.networks.get(after.subnet)?.partsOf(rangeOf(after)) ?? []);
  const partsBefore = pool === undefined || pool.isDisabled ? [] : pool.parts;
  const { allocations, reserves } = usersOfEdit(ledger, pool, after);
  return {
    before: countOf(partsBefore),
    after: countOf(parts),
    lost: countOf(difference(partsBefore, parts)),
    live: [...allocations, ...reserves],
  };
}

/**
 * What nodes hold in reserve of an edited range and may not give any more is called back.
 *
 * @throws Problem IN_USE
 */
function endingIn(ledger: Ledger, name: string, spec: AddressRange | null, asked: Asked): Write[] {
  const pool = poolOf(ledger, name);
  if (pool === undefined) {
    return [];
  }
  const { allocations, reserves } = usersOfEdit(ledger, pool, spec);
  if (asked.drain !== true) {
    const what = spec === null ? `range ${name}` : `what range ${name} would lose`;
    refuseWhileUsed(what, [...allocations, ...reserves]);
  }
  const isForOthers = JSON.stringify(spec?.match) !== JSON.stringify(pool.spec.match);
  const all = spec?.disabled === true || isForOthers ? usersIn(ledger, [pool.range]).reserves : reserves;
  return recalls(
    ledger,
    all.flatMap(({ addresses = [] }) => addresses),
  );
}

/** Who has addresses of a range that it has no more after an edit, or that are then another node’s own. */
function usersOfEdit(ledger: Ledger, pool: Pool | undefined, spec: AddressRange | null): Users {
  if (pool === undefined) {
    return { allocations: [], reserves: [] };
  }
  const lost = spec === null ? [pool.range] : pool.range.minus([rangeOf(spec)]);
  const gone = usersIn(ledger, lost);
  const { node } = spec ?? {};
  if (node === undefined || node === pool.spec.node) {
    return gone;
  }
  const foreign = usersIn(ledger, pool.range.minus(lost), (each) => each !== node);
  return {
    allocations: [...gone.allocations, ...foreign.allocations],
    reserves: [...gone.reserves, ...foreign.reserves],
  };
}

function poolOf(ledger: Ledger, name: string): Pool | undefined {
  const subnet = ledger.ranges.get(name)?.spec.subnet;
  return subnet === undefined ? undefined : ledger.networks.get(subnet)?.pools.get(name);
}

function rangeOf({ start, end }: AddressRange): Range {
  return new Range(Ip.parse(start), Ip.parse(end));
}

function checkPlace(ledger: Ledger, name: string, spec: AddressRange, range: Range): void {
  const network = ledger.networks.get(spec.subnet);
  if (network === undefined) {
    throw new Problem(
      'SUBNET_UNKNOWN',
      `range ${name} cannot be in subnet ${spec.subnet}, which does not exist`,
    );
  }
  if (!network.prefix.range.covers(range)) {
    throw new Problem('INVALID_RANGE', `${range} is not within subnet ${network.name} (${network.prefix})`);
  }
  if (range.size > largest) {
    throw new Problem('INVALID_RANGE', `${range} holds more than 2^32 addresses`);
  }
  const other = network.overlapping(range, name);
  if (other !== undefined) {
    throw new Problem('RANGE_OVERLAP', `range ${name} (${range}) overlaps ${other.name} (${other.range})`);
  }
}
