import type { Report } from '../table.ts';
import { benchGrowth } from './growth.ts';
import type { Plan } from './plan.ts';
import { measureRates, rateComparisons } from './rates.ts';
import type { SideName } from './sides.ts';
import { sides } from './sides.ts';

/** Three members share this machine's processors and disk: what they lose by it is more than the network would take. */
const ofThree: readonly SideName[] = ['single', 'batch500', 'gateway', 'grpc', 'grpcMany'];

/** The ledger on a real etcd: against plain puts, as it grows, and when its leader goes. */
export async function benchEtcd(dist: string, plan: Plan, tell: (line: string) => void): Promise<Report> {
  const names = Object.keys(sides) as SideName[];
  const one = await measureRates({ dist, tell, ...plan, members: 1, names });
  const three = await measureRates({ dist, tell, ...plan.threeMembers, members: 3, names: ofThree });
  const growth = await benchGrowth(dist, plan, tell);
  return {
    comparisons: [
      ...rateComparisons(one, 'one member, on this machine’s disk'),
      ...rateComparisons(three, 'three members on this one machine'),
      ...growth.comparisons,
    ],
    figures: growth.figures,
  };
}
