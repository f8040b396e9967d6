import type { Pod } from '../../../schema/allocation.ts';
import { lastingOwner } from './reserved-for.ts';

/** Who a pod is. Labels and wishes decide what it gets; the ledger has no use for them afterwards. */
export function identityOf(pod: Pod): Pod {
  const { namespace, name, uid } = pod;
  const owner = lastingOwner(pod);
  return {
    namespace,
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(owner === undefined ? {} : { owner }),
  };
}
