import { Ip } from '../../core/address/ip.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { addressesKey } from '../policy/names.ts';
import { type Pod, textAt } from '../policy/pod.ts';

/**
 * The fixed addresses that a pod's annotation asks for; none where it is absent or empty.
 *
 * @throws Problem FIXED_ADDRESSES_INVALID, naming the one that is bad.
 */
export function fixedAddresses(pod: Pod): Ip[] {
  const text = textAt(pod.metadata?.annotations, addressesKey);
  if (!text) {
    return [];
  }
  const addresses: Ip[] = [];
  for (const part of text.split(',')) {
    const address = parse(part);
    const other = addresses.find(({ family }) => family === address.family);
    if (other !== undefined) {
      throw refused(
        `"${part}" is a second ${address.family === 'ipv4' ? 'IPv4' : 'IPv6'} address beside "${other}"`,
      );
    }
    addresses.push(address);
  }
  return addresses;
}

function parse(part: string): Ip {
  try {
    return Ip.parse(part);
  } catch (error) {
    throw refused(reasonOf(error));
  }
}

function refused(reason: string): Problem {
  return new Problem('FIXED_ADDRESSES_INVALID', `the annotation ${addressesKey} is not usable: ${reason}`);
}
