import type { Ip } from '../../core/address/ip.ts';
import type { Arrival } from '../policy/arrival.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { checkAddress, type Looked, type Wanting } from '../validation/address-check.ts';
import { applicantOf } from '../validation/applicant.ts';
import { examine } from '../validation/examine.ts';
import { asWarning } from '../validation/warning.ts';
import type { Review } from './judge.ts';
import type { Verdict } from './verdict.ts';

/** Knows addresses; null where it can't say. */
export interface AddressBook {
  look(ip: Ip): Promise<Looked>;
}

/**
 * `/validate`: what the pod says about realip, after every mutation is done, as far as it can be judged without asking
 * anybody.
 *
 * @throws Problem for a denial
 */
export function validate(policy: Policy, arrival: Arrival): Verdict {
  const { reason, warnings } = examined(policy, arrival);
  return allowed(reason, warnings);
}

/** The same, and the ledger asked about the addresses that the pod wants. */
export function validateWith(ledger: AddressBook | null): Review {
  return async (policy, arrival) => {
    const { reason, warnings, wanted, wanting } = examined(policy, arrival);
    if (ledger === null || wanting === null) {
      return allowed(reason, warnings);
    }
    const looked = await Promise.all(wanted.map(async (ip) => ({ ip, said: await ledger.look(ip) })));
    return allowed(reason, [
      ...warnings,
      ...looked.flatMap(({ ip, said }) => checkAddress(ip, said, wanting)),
    ]);
  };
}

interface Examination {
  readonly reason: string;
  readonly warnings: readonly string[];
  readonly wanted: readonly Ip[];
  /** null where no address is wanted that the ledger gives. */
  readonly wanting: Wanting | null;
}

function examined(policy: Policy, arrival: Arrival): Examination {
  const decision = decide(policy, arrival);
  if (decision.kind === 'exempt') {
    return { reason: decision.because, warnings: [], wanted: [], wanting: null };
  }
  const { zone, by } = decision;
  const { warnings, wanted } = examine(arrival, zone, by);
  const wanting =
    zone === null || wanted.length === 0 ? null : { pod: arrival.pod, zone, who: applicantOf(arrival) };
  return { reason: 'valid', warnings, wanted, wanting };
}

function allowed(reason: string, warnings: readonly string[]): Verdict {
  return { kind: 'allowed', reason, warnings: [...new Set(warnings.map(asWarning))] };
}
