import { type Keeping, keepingOf, readAnnotation } from '../../core/keeping.ts';
import { addressesKey, parseWantedAddresses } from '../../core/wanted-addresses.ts';
import type { AllocationRequest } from '../../schema/allocation.ts';

/** What a pod's annotations ask for. */
export interface Wishes {
  readonly addresses?: AllocationRequest['addresses'];
  readonly keeping: Keeping;
}

/**
 * The wishes in the annotations `realip.io/addresses`, `sticky`, `retain` and `spare`; an empty one is none.
 *
 * @throws Problem ANNOTATION_INVALID, which names the annotation: another address than the wanted one is no help
 */
export function wishesOf(annotations: Readonly<Record<string, string>>): Wishes {
  const textOf = (key: string) => annotations[key];
  const addresses = readAnnotation(textOf, addressesKey, (text) => parseWantedAddresses(text).map(String));
  return { ...(addresses === undefined ? {} : { addresses }), keeping: keepingOf(textOf) };
}
