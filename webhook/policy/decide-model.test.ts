import fc from 'fast-check';
import { Problem } from '../../core/problem/problem.ts';
import { decide } from './decide.ts';
import { loadPolicy } from './load.ts';
import type { Pod } from './pod.ts';
import type { PolicyFile, RuleFile, Zone, ZoneFile } from './policy.ts';

// The rules of deciding, written down a second time: slow, plain, and from the file as people write it.

type Labels = Record<string, string>;

interface Came {
  readonly pod: {
    readonly metadata: {
      readonly labels: Labels;
      readonly annotations: Labels;
      readonly ownerReferences: { kind: string; controller?: boolean }[];
    };
    readonly spec: { hostNetwork?: boolean; nodeName?: string; serviceAccountName?: string };
  };
  readonly namespace: string;
  readonly namespaceLabels: Labels | null;
}

function globbed(pattern: string, text: string): boolean {
  const quoted = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${quoted.join('.*')}$`).test(text);
}

function has(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function isExempt({ pod, namespace }: Came): boolean {
  const { labels, annotations, ownerReferences } = pod.metadata;
  return (
    namespace === 'realip-system' ||
    pod.spec.hostNetwork === true ||
    'kubernetes.io/config.mirror' in annotations ||
    ownerReferences.filter((owner) => owner.kind === 'DaemonSet').length > 0 ||
    (pod.spec.nodeName ?? '') !== '' ||
    labels['realip.io/inject'] === 'false' ||
    annotations['realip.io/inject'] === 'false'
  );
}

function matches(rule: RuleFile, { pod, namespace, namespaceLabels }: Came): boolean {
  const match = rule.match ?? {};
  const owner = pod.metadata.ownerReferences.find(({ controller }) => controller);
  const kinds = new Set([owner === undefined ? 'none' : owner.kind]);
  if (owner?.kind === 'ReplicaSet' && 'pod-template-hash' in pod.metadata.labels) {
    kinds.add('Deployment');
  }
  const account = pod.spec.serviceAccountName || 'default';
  const wantedOfNamespace = match.namespaceLabels ?? {};
  return [
    (match.namespaces ?? []).length === 0 || match.namespaces?.some((each) => globbed(each, namespace)),
    Object.keys(wantedOfNamespace).length === 0 ||
      (namespaceLabels !== null && has(namespaceLabels, wantedOfNamespace)),
    has(pod.metadata.labels, match.labels ?? {}),
    match.ownerKinds === undefined || match.ownerKinds?.some((each) => kinds.has(each)),
    match.serviceAccounts === undefined ||
      match.serviceAccounts?.some((each) => {
        const [one = '', two] = each.split('/');
        return two === undefined ? globbed(one, account) : globbed(one, namespace) && globbed(two, account);
      }),
  ].every(Boolean);
}

/** What a zone gives, from its outermost whole to the rule that chose it. */
function settings(file: PolicyFile, name: string, rule?: RuleFile): object {
  const chain: (ZoneFile | RuleFile)[] = rule === undefined ? [] : [rule];
  let selector: Labels = {};
  const expressions: unknown[] = [];
  for (let at: string | undefined = name; at !== undefined; ) {
    const zone: ZoneFile = file.zones[at] ?? {};
    chain.push(zone);
    selector = { ...zone.nodeSelector, ...selector };
    expressions.unshift(...(zone.matchExpressions ?? []));
    at = zone.within;
  }
  return {
    name,
    nodeSelector: selector,
    matchExpressions: expressions,
    ipResource: chain.find((each) => each.ipResource !== undefined)?.ipResource ?? false,
    fixedAddresses: (chain.find((each) => each.fixedAddresses)?.fixedAddresses ?? 'allowed') === 'allowed',
    dns: chain.find((each) => each.dns)?.dns?.policy ?? 'keep',
  };
}

/** What should come out, in few words. */
function expected(file: PolicyFile, came: Came): unknown {
  if (isExempt(came)) {
    return 'exempt';
  }
  const { labels, annotations } = came.pod.metadata;
  const own = [labels['realip.io/zone'], annotations['realip.io/zone']].filter((each) => each);
  if (new Set(own).size === 2) {
    return 'POD_ZONE_AMBIGUOUS';
  }
  const ofNamespace = came.namespaceLabels?.['realip.io/zone'] || undefined;
  const named = own[0] ?? ofNamespace;
  if (named !== undefined) {
    const by = own.length > 0 ? 'pod' : 'namespace';
    if (named !== 'none' && !(named in file.zones)) {
      return 'POD_ZONE_UNKNOWN';
    }
    return { by, zone: named === 'none' ? null : settings(file, named) };
  }
  const rule = (file.rules ?? []).find((each) => matches(each, came));
  const zone = rule?.zone ?? file.default ?? 'none';
  return { by: rule?.name ?? 'default', zone: zone === 'none' ? null : settings(file, zone, rule) };
}

function actual(file: PolicyFile, came: Came): unknown {
  const loaded = loadPolicy(JSON.stringify(file));
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  try {
    const decision = decide(loaded.policy, { ...came, pod: came.pod as Pod });
    if (decision.kind === 'placed' && /^(r\d|default)$/.test(decision.by)) {
      // Each rule before the winner, and none else, has a condition that failed.
      const before = (file.rules ?? []).map(({ name }) => name);
      const winner = before.indexOf(decision.by);
      const passed = decision.passedOver.map(({ rule }) => rule.name);
      expect(passed).toEqual(winner === -1 ? before : before.slice(0, winner));
    }
    return decision.kind === 'exempt'
      ? 'exempt'
      : { by: decision.by, zone: decision.zone && shown(decision.zone) };
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
}

function shown({ name, nodeSelector, matchExpressions, ipResource, fixedAddresses, dns }: Zone): object {
  return { name, nodeSelector, matchExpressions, ipResource, fixedAddresses, dns: dns.policy };
}

const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const given = {
  ipResource: rarely(fc.boolean()),
  fixedAddresses: rarely(fc.constantFrom('allowed' as const, 'denied' as const)),
  dns: rarely(
    fc.constantFrom({ policy: 'keep' as const }, { policy: 'company' as const, nameservers: ['10.0.0.1'] }),
  ),
};
const zoneNames = ['overlay', 'real', 'room', 'rack'];
const family = fc.record({
  overlay: fc.record({ type: fc.constant('overlay' as const), ...given }),
  real: fc.record({
    type: fc.constant('macvlan' as const),
    nodeSelector: fc.constant({ a: '1' }),
    matchExpressions: fc.constant([{ key: 'old', operator: 'DoesNotExist' as const }]),
    ...given,
  }),
  room: fc.record({
    within: fc.constantFrom('real', 'overlay'),
    nodeSelector: fc.constant({ b: '1' }),
    ...given,
  }),
  rack: fc.record({
    within: fc.constantFrom('real', 'room'),
    matchExpressions: fc.constant([{ key: 'rack', operator: 'In' as const, values: ['1', '2'] }]),
    ...given,
  }),
});
const labels = fc.dictionary(fc.constantFrom('x', 'y', 'pod-template-hash'), fc.constantFrom('', '1'), {
  maxKeys: 2,
});
const some = <T>(value: fc.Arbitrary<T>) => rarely(fc.array(value, { minLength: 1, maxLength: 2 }));
const kind = fc.constantFrom('Job', 'ReplicaSet', 'ReplicaSet', 'Deployment', 'none');
const match = fc.record({
  namespaces: some(fc.constantFrom('shop', 'ci', 'c*', '*', 'kube-*', 'a.b', '*-system')),
  namespaceLabels: rarely(labels),
  labels: rarely(labels),
  ownerKinds: some(kind),
  serviceAccounts: some(fc.constantFrom('builder', 'b*', 'ci/*', '*/default', 'shop/builder')),
});
const target = fc.constantFrom(...zoneNames, 'none');
const file = fc
  .record({
    zones: family,
    rules: fc.array(fc.record({ match: rarely(match), zone: target, ...given }), { maxLength: 5 }),
    default: rarely(target),
  })
  .map(
    ({ zones, rules, default: fallback }) =>
      JSON.parse(
        JSON.stringify({
          zones,
          rules: rules.map((rule, index) => ({ name: `r${index}`, ...rule })),
          default: fallback,
        }),
      ) as PolicyFile,
  );
/** Mostly without a say of its own, so that rules are asked. */
const say = fc.oneof(
  { weight: 6, arbitrary: labels },
  { weight: 3, arbitrary: fc.constant<Labels>({ 'pod-template-hash': '1', x: '1' }) },
  fc.constantFrom<Labels>(
    ...[...zoneNames, 'none', '', 'moon'].map((zone) => ({ 'realip.io/zone': zone })),
    { 'realip.io/inject': 'false' },
    { 'realip.io/inject': 'true' },
    { 'kubernetes.io/config.mirror': '' },
  ),
);
const came: fc.Arbitrary<Came> = fc.record({
  pod: fc
    .record({
      metadata: fc.record({
        labels: say,
        annotations: say,
        ownerReferences: fc.array(
          fc.record({
            kind: fc.oneof({ weight: 9, arbitrary: kind }, fc.constant('DaemonSet')),
            controller: fc.constantFrom(true, true, true, false, undefined),
          }),
          { maxLength: 2 },
        ),
      }),
      spec: fc.record({
        hostNetwork: fc.option(fc.boolean(), { nil: undefined, freq: 9 }),
        nodeName: fc.constantFrom(undefined, undefined, undefined, '', 'n1'),
        serviceAccountName: fc.constantFrom(undefined, '', 'builder', 'default', 'b'),
      }),
    })
    .map((pod) => JSON.parse(JSON.stringify(pod)) as Came['pod']),
  namespace: fc.constantFrom('shop', 'ci', 'ci-1', 'kube-system', 'realip-system', 'aXb'),
  namespaceLabels: fc.option(say),
});

test('who decides, and what the zone gives, is as the rules are written down here', () => {
  const deciders = new Map<string, number>();
  fc.assert(
    fc.property(file, fc.array(came, { minLength: 1, maxLength: 8 }), (policy, arrivals) => {
      for (const arrival of arrivals) {
        const wanted = expected(policy, arrival);
        expect(actual(policy, arrival)).toEqual(wanted);
        const by = typeof wanted === 'object' && wanted !== null && 'by' in wanted ? wanted.by : wanted;
        deciders.set(String(by), (deciders.get(String(by)) ?? 0) + 1);
      }
    }),
    { numRuns: 1000 },
  );
  const seen = ['pod', 'namespace', 'default', 'r0', 'r1', 'r2', 'exempt', 'POD_ZONE_UNKNOWN'];
  expect(seen.filter((each) => (deciders.get(each) ?? 0) < 5)).toEqual([]);
});
