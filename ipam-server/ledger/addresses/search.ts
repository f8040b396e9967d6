import { Problem } from '../../../core/problem/problem.ts';
import type { ListedAllocation } from '../../../schema/allocation.ts';
import { podName } from '../allocation/attachment.ts';
import { listedAllocation } from '../allocation/view.ts';
import type { Ledger } from '../state/ledger.ts';
import type { AllocationRecord } from '../state/record.ts';

/** What to search allocations by; several narrow each other. Addresses and MACs are in canonical form. */
export interface AllocationFilter {
  readonly node?: string;
  /** `namespace/name` */
  readonly pod?: string;
  readonly ip?: string;
  readonly mac?: string;
}

/** One page of a list. */
export interface PageOf<Item> {
  readonly items: Item[];
  /** Where the next page begins; none at the end. */
  readonly cursor?: string;
}

/**
 * The allocations of a filter in the order of their generations, after the one that the cursor names: what is
 * added while pages are read comes at the end, and what goes shifts nothing.
 */
export function searchAllocations(
  ledger: Ledger,
  filter: AllocationFilter,
  limit: number,
  cursor: string | undefined,
): PageOf<ListedAllocation> {
  const after = cursor === undefined ? 0 : generationOf(cursor);
  const items: ListedAllocation[] = [];
  let last = after;
  for (const record of narrowest(ledger, filter, after)) {
    if (record.generation <= after || !isMeant(record, filter)) {
      continue;
    }
    if (items.length === limit) {
      return { items, cursor: String(last) };
    }
    items.push(listedAllocation(ledger, record));
    last = record.generation;
  }
  return { items };
}

function generationOf(cursor: string): number {
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`);
  }
  return Number(cursor);
}

/** The shortest list at hand that holds all that the filter means. */
function narrowest(ledger: Ledger, filter: AllocationFilter, after: number): Iterable<AllocationRecord> {
  const { holders } = ledger;
  if (filter.ip !== undefined) {
    const owner = holders.ofAddress(filter.ip);
    return owner === undefined ? [] : [owner];
  }
  if (filter.mac !== undefined) {
    return holders.ofMac(filter.mac);
  }
  if (filter.pod !== undefined) {
    return holders.ofPod(filter.pod);
  }
  return filter.node === undefined ? holders.all(after) : holders.ofNode(filter.node);
}

function isMeant(record: AllocationRecord, { node, pod, ip, mac }: AllocationFilter): boolean {
  return (
    (node === undefined || record.node === node) &&
    (pod === undefined || podName(record) === pod) &&
    (mac === undefined || record.mac === mac) &&
    (ip === undefined || record.ips.some((held) => held.address === ip))
  );
}
