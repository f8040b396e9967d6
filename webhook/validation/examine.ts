import type { Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import { addressesKey } from '../../core/wanted-addresses.ts';
import type { Arrival } from '../policy/arrival.ts';
import type { Zone } from '../policy/policy.ts';
import { adviceOn, isReal } from './advice.ts';
import { wishesOf } from './wishes.ts';

/** What a pod says about realip, as far as it can be judged without asking anybody. */
export interface Examined {
  readonly warnings: readonly string[];
  /** The addresses that the ledger may be asked about. */
  readonly wanted: readonly Ip[];
}

/**
 * @param by who decided on the zone
 * @throws Problem FIXED_ADDRESSES_INVALID, FIXED_ADDRESSES_DENIED, POD_ANNOTATION_INVALID
 */
export function examine({ pod, namespace }: Arrival, zone: Zone | null, by: string): Examined {
  const wishes = wishesOf(pod);
  if (wishes.addresses.length > 0 && zone !== null && !zone.fixedAddresses) {
    throw new Problem(
      'FIXED_ADDRESSES_DENIED',
      `the pod asks for fixed addresses by ${addressesKey}, which the policy denies here (zone "${zone.name}", decided by "${by}")`,
      { zone: zone.name, by },
    );
  }
  return {
    warnings: adviceOn(pod, namespace, wishes, zone),
    wanted: isReal(zone) ? wishes.addresses : [],
  };
}
