import { Ip } from '../../core/address/ip.ts';
import { Range } from '../../core/address/range.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { AddressRange } from '../../schema/range.ts';
import type { Decision } from './decision.ts';
import {
  checkPrecondition,
  deleting,
  type Precondition,
  type Put,
  putting,
  refuseWhileUsed,
} from './edit.ts';
import type { Ledger } from './ledger.ts';
import type { RangeRecord } from './record.ts';
import { allocationsWith } from './users.ts';

/** One range's addresses are counted and named by 32-bit offsets. */
const largest = 1n << 32n;

/**
 * @throws Problem SUBNET_UNKNOWN, RANGE_OVERLAP, INVALID_RANGE
 * @throws Problem IN_USE when live addresses would be left outside, or belong to another node
 */
export function putRange(
  ledger: Ledger,
  name: string,
  asIs: AddressRange,
  asked: Precondition,
): Decision<Put> {
  const present = ledger.ranges.get(name);
  checkPrecondition(present, asked);
  const range = new Range(Ip.parse(asIs.start), Ip.parse(asIs.end));
  const spec = { ...asIs, start: range.first.toString(), end: range.last.toString() };
  checkPlace(ledger, name, spec, range);
  if (present !== undefined) {
    checkUsers(ledger, name, present, spec, range);
  }
  return putting(ledger, present, (revision) => ({ kind: 'range', name, record: { revision, spec } }));
}

/** @throws Problem IN_USE while an address of the range is allocated */
export function deleteRange(ledger: Ledger, name: string, asked: Precondition): Decision<undefined> {
  return deleting(ledger.ranges.get(name), asked, { kind: 'range', name }, () =>
    allocationsWith(ledger, (held) => held.range === name),
  );
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
  for (const other of network.pools.values()) {
    if (other.name !== name && other.range.overlaps(range)) {
      throw new Problem('RANGE_OVERLAP', `range ${name} (${range}) overlaps ${other.name} (${other.range})`);
    }
  }
}

function checkUsers(
  ledger: Ledger,
  name: string,
  present: RangeRecord,
  spec: AddressRange,
  range: Range,
): void {
  const isMoved = present.spec.subnet !== spec.subnet;
  const users = allocationsWith(ledger, (held, record) => {
    const isForeign = spec.node !== undefined && spec.node !== record.node;
    return held.range === name && (isMoved || isForeign || !range.contains(Ip.parse(held.address)));
  });
  refuseWhileUsed(`what range ${name} would lose`, users);
}
