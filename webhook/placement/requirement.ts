import { isLabelValue } from '../policy/label-syntax.ts';
import type { PodRequirement } from '../policy/pod.ts';
import type { NodeRequirement } from '../policy/policy.ts';

/** A condition on one label of a node, as Kubernetes' node selector requirements are, with nothing absent. */
export interface Requirement {
  readonly key: string;
  readonly operator: NodeRequirement['operator'];
  /** At least one for In and NotIn, none for Exists and DoesNotExist, one number for Gt and Lt. */
  readonly values: readonly string[];
}

/** The highest number that Kubernetes reads in a label. */
const mostNumber = 2n ** 63n - 1n;

/** A zone's expression, or a pod's that was made from it. */
export function requirementOf({ key, operator, values }: NodeRequirement): Requirement {
  return { key, operator, values: values ?? [] };
}

/** The requirement that an entry of a nodeSelector is. */
export function equality(key: string, value: string): Requirement {
  return { key, operator: 'In', values: [value] };
}

/** A pod's requirement; null for one that Kubernetes can't read, and so refuses or meets by no node. */
export function readRequirement({ key, operator, values: found }: PodRequirement): Requirement | null {
  const values = found ?? [];
  if (!key || !values.every(isLabelValue)) {
    return null;
  }
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? { key, operator, values } : null;
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? { key, operator, values } : null;
    case 'Gt':
    case 'Lt':
      return values.length === 1 && numberIn(values[0] ?? '') !== null ? { key, operator, values } : null;
    default:
      return null;
  }
}

/** Whether two requirements say the same; the order of values does not count. */
export function isSame(one: Requirement, other: Requirement): boolean {
  return identityOf(one) === identityOf(other);
}

function identityOf({ key, operator, values }: Requirement): string {
  return JSON.stringify([key, operator, ...[...new Set(values)].sort()]);
}

/** In words: `realip.io/rack NotIn [a, b]`. */
export function describe({ key, operator, values }: Requirement): string {
  return values.length === 0 ? `${key} ${operator}` : `${key} ${operator} [${values.join(', ')}]`;
}

/** Whether some node's label, or its absence, can meet all of these requirements on one key. */
export function canMeet(requirements: readonly Requirement[]): boolean {
  if (requirements.every((each) => takes(each, undefined))) {
    return true;
  }
  const listed = requirements.find(({ operator }) => operator === 'In');
  if (listed !== undefined) {
    return listed.values.some((value) => requirements.every((each) => takes(each, value)));
  }
  if (requirements.some(({ operator }) => operator === 'DoesNotExist')) {
    return false;
  }
  // Values that NotIn forbids never run out: a number may be written with zeros before it, too.
  return hasNumber(requirements);
}

/** Whether a label value, or its absence, meets a requirement. */
function takes({ operator, values }: Requirement, label: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
    case 'Lt': {
      const [bound, found] = [numberIn(values[0] ?? ''), label === undefined ? null : numberIn(label)];
      return bound !== null && found !== null && (operator === 'Gt' ? found > bound : found < bound);
    }
  }
}

/** Whether a number that a label can have lies between all bounds of Gt and Lt; labels hold no minus sign. */
function hasNumber(requirements: readonly Requirement[]): boolean {
  let least = 0n;
  let most = mostNumber;
  for (const { operator, values } of requirements) {
    const bound = numberIn(values[0] ?? '');
    if (operator === 'Gt' && bound !== null && bound >= least) {
      least = bound + 1n;
    }
    if (operator === 'Lt' && bound !== null && bound <= most) {
      most = bound - 1n;
    }
  }
  return least <= most;
}

function numberIn(text: string): bigint | null {
  const value = /^[0-9]+$/.test(text) ? BigInt(text) : null;
  return value === null || value > mostNumber ? null : value;
}
