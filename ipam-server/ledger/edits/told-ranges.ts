import type { Ledger } from '../state/ledger.ts';

const kept = new WeakMap<
  Ledger,
  { readonly edits: number; readonly bound: number; names: ReadonlySet<string> }
>();

/**
 * The ranges that have figures of their own where only so many may: the shared ones first, because whole zones run
 * out with them, then the nodes' own, each by name. The choice changes with edits alone, so that no series flickers.
 */
export function toldRanges(ledger: Ledger, bound: number): ReadonlySet<string> {
  const before = kept.get(ledger);
  if (before?.edits === ledger.edits && before.bound === bound) {
    return before.names;
  }
  const ranges = [...ledger.ranges].map(([name, { spec }]) => ({
    name,
    rank: spec.node === undefined ? 0 : 1,
  }));
  const told = ranges.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1)).slice(0, bound);
  const names = new Set(told.map(({ name }) => name));
  kept.set(ledger, { edits: ledger.edits, bound, names });
  return names;
}
