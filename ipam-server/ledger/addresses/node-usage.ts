import type { Family } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { FamilyUsage, NodeUsage } from '../../../schema/address.ts';
import { exhausted, nextOf, oldestOf } from '../allocation/choose.ts';
import { allOf, isEmpty, type Offer, only } from '../allocation/offer.ts';
import { planOf } from '../allocation/plan.ts';
import type { Source } from '../allocation/source.ts';
import type { Ledger } from '../state/ledger.ts';

/**
 * What a node could be given now, by family; those for which it has no range are not listed.
 *
 * @param subnet only this one's ranges, when given
 * @throws Problem OBJECT_UNKNOWN
 */
export function nodeUsageOf(
  ledger: Ledger,
  node: string,
  subnet: string | undefined,
  now: number,
): NodeUsage {
  const zone = ledger.nodes.get(node)?.spec.zone;
  if (zone === undefined) {
    throw new Problem('OBJECT_UNKNOWN', `there is no node ${node}`);
  }
  const plan = planOf(ledger, node, zone);
  const families: Family[] = ['ipv4', 'ipv6'];
  return {
    families: families.flatMap((family) => {
      // Ranges with a match count too: some pod can be given them.
      const { matching, own, growing, shared } = plan[family];
      const all = { node, sources: [...matching.all, ...own], growing, shared, others: 0 };
      const offer = only(all, ({ name }) => subnet === undefined || name === subnet);
      return isEmpty(offer) ? [] : [familyUsage(ledger, offer, { node, zone, family, now })];
    }),
  };
}

function familyUsage(
  ledger: Ledger,
  offer: Offer,
  { node, zone, family, now }: { node: string; zone: string; family: Family; now: number },
): FamilyUsage {
  const sum = (count: (source: Source) => number) => allOf(offer).reduce((all, each) => all + count(each), 0);
  const counts = { total: sum(({ pool }) => pool.total), allocated: sum(({ pool }) => pool.allocated) };
  // Asked as an allocation asks, so that both always say the same.
  if (nextOf(ledger, offer, now) ?? oldestOf(offer)) {
    return { family, ...counts, exhausted: false };
  }
  return { family, ...counts, exhausted: true, why: exhausted(node, zone, family, offer, now).message };
}
