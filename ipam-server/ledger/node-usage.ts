import type { Family } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { FamilyUsage, NodeUsage } from '../../schema/address.ts';
import { chooseNext } from './choose.ts';
import type { Ledger } from './ledger.ts';
import { planOf, type Source } from './plan.ts';

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
      const sources = plan[family].filter(({ network }) => subnet === undefined || network.name === subnet);
      return sources.length === 0 ? [] : [familyUsage(sources, { node, family, now })];
    }),
  };
}

function familyUsage(
  sources: readonly Source[],
  { node, family, now }: { node: string; family: Family; now: number },
): FamilyUsage {
  const sum = (count: (source: Source) => number) => sources.reduce((all, each) => all + count(each), 0);
  const counts = { total: sum(({ pool }) => pool.total), allocated: sum(({ pool }) => pool.allocated) };
  try {
    // Asked as an allocation would, so that both always say the same.
    chooseNext(sources, now, node, family);
    return { family, ...counts, exhausted: false };
  } catch (error) {
    if (error instanceof Problem && error.code === 'RANGE_EXHAUSTED') {
      return { family, ...counts, exhausted: true, why: error.message };
    }
    throw error;
  }
}
