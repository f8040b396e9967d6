import type { Texts } from '../policy/pod.ts';
import { textAt } from '../policy/pod.ts';
import type { NodeRequirement, Zone } from '../policy/policy.ts';

/** Reports whether the node with these labels is one of the zone's. */
export function isOfZone(labels: Texts, zone: Pick<Zone, 'nodeSelector' | 'matchExpressions'>): boolean {
  return hasLabels(labels, zone.nodeSelector) && meetsAll(labels, zone.matchExpressions);
}

export function hasLabels(labels: Texts, wanted: Texts): boolean {
  return Object.entries(wanted).every(([key, value]) => textAt(labels, key) === value);
}

/** Kubernetes' meaning of a node selector's requirements: all must hold. */
export function meetsAll(labels: Texts, requirements: readonly NodeRequirement[]): boolean {
  return requirements.every((requirement) => meets(textAt(labels, requirement.key), requirement));
}

function meets(found: string | undefined, { operator, values = [] }: NodeRequirement): boolean {
  switch (operator) {
    case 'In':
      return found !== undefined && values.includes(found);
    case 'NotIn':
      return found === undefined || !values.includes(found);
    case 'Exists':
      return found !== undefined;
    case 'DoesNotExist':
      return found === undefined;
    case 'Gt':
      return compared(found, values[0], (label, bound) => label > bound);
    case 'Lt':
      return compared(found, values[0], (label, bound) => label < bound);
  }
}

/** Only whole numbers can be compared; anything else doesn't fit. */
function compared(
  found: string | undefined,
  bound: string | undefined,
  fits: (label: bigint, bound: bigint) => boolean,
): boolean {
  const whole = /^-?\d+$/;
  return (
    found !== undefined &&
    bound !== undefined &&
    whole.test(found) &&
    whole.test(bound) &&
    fits(BigInt(found), BigInt(bound))
  );
}
