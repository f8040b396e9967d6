import { isDeepStrictEqual } from 'node:util';
import { ipResource } from '../policy/names.ts';
import { type Pod, textAt } from '../policy/pod.ts';
import type { Miss } from './miss.ts';
import type { Expectation } from './schema.ts';

/** What of the expectation isn't true of the pod as it is after the patch. */
export function podFaults(expect: Expectation, after: Pod, before: Pod): Miss[] {
  return [
    ...selectorFaults(expect.nodeSelector ?? {}, after),
    ...tolerationFaults(expect.tolerations ?? [], after),
    ...resourceFaults(expect.ipResource, after),
    ...(expect.dns === undefined ? [] : dnsFaults(expect.dns, after, before)),
  ];
}

function selectorFaults(expected: Readonly<Record<string, string>>, { spec }: Pod): Miss[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const got = textAt(spec.nodeSelector, key);
    return got === value ? [] : [{ field: `nodeSelector ${key}`, expected: value, got: got ?? 'nothing' }];
  });
}

function tolerationFaults(expected: NonNullable<Expectation['tolerations']>, { spec }: Pod): Miss[] {
  const tolerations = spec.tolerations ?? [];
  return expected
    .filter((wanted) => !tolerations.some((each) => isDeepStrictEqual(whole(wanted), whole(each))))
    .map((wanted) => ({
      field: 'tolerations',
      expected: JSON.stringify(wanted),
      got: JSON.stringify(tolerations),
    }));
}

/** With the meaning of what it leaves out, as Kubernetes compares them. */
function whole(toleration: NonNullable<NonNullable<Pod['spec']['tolerations']>[number]>): object {
  const { key, operator, value, effect } = toleration;
  return { key: key ?? '', operator: operator || 'Equal', value: value ?? '', effect: effect ?? '' };
}

function resourceFaults(expected: boolean | undefined, { spec }: Pod): Miss[] {
  const asks = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(({ resources }) =>
    [resources?.requests, resources?.limits].some((each) => Object.hasOwn(each ?? {}, ipResource)),
  );
  return expected === undefined || expected === asks
    ? []
    : [{ field: 'ipResource', expected: String(expected), got: String(asks) }];
}

function dnsFaults(expected: NonNullable<Expectation['dns']>, after: Pod, before: Pod): Miss[] {
  const isCompany = after.spec.dnsPolicy === 'None' && before.spec.dnsPolicy !== 'None';
  const policy = isCompany ? 'company' : 'keep';
  const { nameservers, searches } = after.spec.dnsConfig ?? {};
  return [
    ...(policy === expected.policy ? [] : [{ field: 'dns policy', expected: expected.policy, got: policy }]),
    ...listFaults('dns nameservers', expected.nameservers, nameservers ?? []),
    ...listFaults('dns search', expected.search, searches ?? []),
  ];
}

function listFaults(field: string, expected: readonly string[] | undefined, got: readonly string[]): Miss[] {
  return expected === undefined || isDeepStrictEqual(expected, got)
    ? []
    : [{ field, expected: expected.join(', ') || 'none', got: got.join(', ') || 'none' }];
}
