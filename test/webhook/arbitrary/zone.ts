import fc from 'fast-check';
import { loadPolicy } from '../../../webhook/policy/load.ts';
import type { Policy, Zone } from '../../../webhook/policy/policy.ts';
import { fitsAffinity, fitsAll } from '../scheduler/node-affinity.ts';
import { everyNode, requirement, selector } from './requirement.ts';

const toleration = fc
  .record({
    key: fc.constantFrom('zone', 'dedicated', ''),
    operator: fc.constantFrom('Equal', 'Exists', undefined),
    value: fc.constantFrom('real', ''),
    effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule', undefined),
  })
  .map(({ key, operator, value, effect }) => ({
    ...(key === '' ? {} : { key }),
    ...(operator === 'Exists' || key === '' ? { operator: 'Exists' } : { operator, value }),
    effect,
  }));

/** A zone as a policy's author writes it: one that some node can be in; no policy with another loads. */
export const zoneFile = fc
  .record(
    {
      type: fc.constantFrom('macvlan', 'overlay'),
      nodeSelector: selector,
      matchExpressions: fc.array(requirement, { maxLength: 2 }),
      tolerations: fc.array(toleration, { maxLength: 2 }),
      ipResource: fc.boolean(),
      dns: fc.constantFrom(
        { policy: 'keep' },
        { policy: 'company', nameservers: ['10.0.0.1', '10.0.0.2'], search: ['corp.example'] },
      ),
    },
    { requiredKeys: ['type'] },
  )
  .filter(({ nodeSelector = {}, matchExpressions = [] }) =>
    everyNode.some((node) => fitsAffinity({ nodeSelector }, node) && fitsAll(matchExpressions, node)),
  );

/** A policy that puts every pod into one zone. */
export function policyOf(zone: object): { readonly policy: Policy; readonly zone: Zone } {
  const loaded = loadPolicy(JSON.stringify({ zones: { z: zone }, default: 'z' }));
  if (!loaded.ok || loaded.policy.default === null) {
    throw new Error(JSON.stringify(loaded));
  }
  return { policy: loaded.policy, zone: loaded.policy.default };
}

/** Policies of one zone each. */
export const policies = zoneFile.map(policyOf);
