import type { Ip } from '../../core/address/ip.ts';
import { type Keeping, keepingOf } from '../../core/keeping.ts';
import { printable } from '../../core/printable.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { addressesKey, parseWantedAddresses } from '../../core/wanted-addresses.ts';
import { type Pod, textAt } from '../policy/pod.ts';
import { checkUsable } from './usable-address.ts';

/** What a pod's annotations ask the IPAM for. */
export interface Wishes {
  readonly addresses: readonly Ip[];
  readonly keeping: Keeping;
}

/**
 * The wishes in a pod's annotations, read as the IPAM server reads them, and more strictly where no server could
 * give what they ask for; an empty one is none.
 *
 * @throws Problem FIXED_ADDRESSES_INVALID, POD_ANNOTATION_INVALID, naming what is bad
 */
export function wishesOf({ metadata }: Pod): Wishes {
  const textOf = (key: string) => textAt(metadata?.annotations, key);
  return { addresses: addressesIn(textOf(addressesKey)), keeping: keepingIn(textOf) };
}

function addressesIn(text: string | undefined): Ip[] {
  try {
    const addresses = text ? parseWantedAddresses(text) : [];
    const written = text?.split(',') ?? [];
    for (const [index, ip] of addresses.entries()) {
      checkUsable(ip, written[index] ?? `${ip}`);
    }
    return addresses;
  } catch (error) {
    throw new Problem(
      'FIXED_ADDRESSES_INVALID',
      `the annotation ${addressesKey} is not usable: ${whyOf(error)}`,
    );
  }
}

function keepingIn(textOf: (key: string) => string | undefined): Keeping {
  try {
    return keepingOf(textOf);
  } catch (error) {
    throw new Problem('POD_ANNOTATION_INVALID', whyOf(error));
  }
}

/** It quotes what the author wrote, which may be anything. */
function whyOf(error: unknown): string {
  return printable(reasonOf(error), 300);
}
