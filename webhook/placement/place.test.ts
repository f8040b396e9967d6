import { Problem } from '../../core/problem/problem.ts';
import type { Pod } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { place } from './place.ts';

const real: Zone = {
  name: 'real',
  within: null,
  type: 'macvlan',
  nodeSelector: { 'realip.io/zone-type': 'macvlan' },
  matchExpressions: [],
  tolerations: [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }],
  ipResource: true,
  dns: { policy: 'keep' },
  fixedAddresses: true,
};
const company: Zone = {
  ...real,
  dns: { policy: 'company', nameservers: ['10.0.0.1', '10.0.0.2'], search: ['corp.example'] },
};

/** The changes under `prefix`, as `path = value`. */
function changes(pod: Pod, prefix: string, zone: Zone | null = real): string[] {
  return place(pod, zone, 'rule')
    .map(({ path, value }) => `${path.join('.')} = ${JSON.stringify(value)}`)
    .filter((line) => line.startsWith(prefix));
}

test('the zone’s selector is set beside the pod’s own', () => {
  expect(changes({ spec: { nodeSelector: { disk: 'ssd' } } }, 'spec.nodeSelector')).toEqual([
    'spec.nodeSelector.realip.io/zone-type = "macvlan"',
  ]);
  expect(changes({ spec: { nodeSelector: { ...real.nodeSelector } } }, 'spec.nodeSelector')).toEqual([]);
});

test('a contradiction is refused, naming key, both values and zone', () => {
  const pod = { spec: { nodeSelector: { 'realip.io/zone-type': 'overlay' } } };
  expect(() => place(pod, real, 'rule')).toThrow(Problem);
  expect(() => place(pod, real, 'rule')).toThrow(
    /realip\.io\/zone-type="overlay".*zone "real".*realip\.io\/zone-type="macvlan"/,
  );
});

test('a toleration is added once; an absent operator equals Equal', () => {
  const [own] = real.tolerations;
  expect(changes({ spec: { tolerations: [{ ...own, operator: 'Equal' }] } }, 'spec.tolerations')).toEqual([]);
  const twice = { ...real, tolerations: [...real.tolerations, ...real.tolerations] };
  expect(changes({ spec: {} }, 'spec.tolerations', twice)).toHaveLength(1);
  expect(
    changes({ spec: { tolerations: [{ ...own, operator: 'Exists' }] } }, 'spec.tolerations'),
  ).toHaveLength(1);
});

test('one container asks for the address, unless any container does already', () => {
  expect(changes({ spec: { containers: [{}, {}] } }, 'spec.containers')).toEqual([
    'spec.containers.0.resources.requests.realip.io/ip = "1"',
    'spec.containers.0.resources.limits.realip.io/ip = "1"',
  ]);
  const asks = { resources: { limits: { 'realip.io/ip': '1' } } };
  expect(changes({ spec: { containers: [{}, asks] } }, 'spec.containers')).toEqual([]);
  expect(changes({ spec: { containers: [{}], initContainers: [asks] } }, 'spec.containers')).toEqual([]);
  expect(changes({ spec: { containers: [] } }, 'spec.containers')).toEqual([]);
});

test('company DNS stands in front of the pod’s own entries', () => {
  const dnsConfig = { nameservers: ['10.5.5.5'], searches: ['corp.example', 'own.example'] };
  expect(changes({ spec: { dnsPolicy: 'ClusterFirst', dnsConfig } }, 'spec.dns', company)).toEqual([
    'spec.dnsPolicy = "None"',
    'spec.dnsConfig.nameservers.0 = "10.0.0.1"',
    'spec.dnsConfig.nameservers.1 = "10.0.0.2"',
  ]);
  const full = { nameservers: ['10.5.5.5', '10.5.5.6', '10.5.5.7'] };
  expect(changes({ spec: { dnsConfig: full } }, 'spec.dnsConfig.nameservers', company)).toEqual([]);
});

test.each(['None', 'Default', 'ClusterFirstWithHostNet'])(
  'a pod with dnsPolicy %s keeps its DNS',
  (dnsPolicy) => {
    expect(changes({ spec: { dnsPolicy } }, 'spec.dns', company)).toEqual([]);
  },
);

test('the zone none leaves only the note of who decided', () => {
  expect(changes({ spec: { containers: [{}] } }, '', null)).toEqual([
    'metadata.annotations.realip.io/placed-by = "rule"',
  ]);
});

test('a placed-by of the user’s own is overwritten', () => {
  const metadata = { annotations: { 'realip.io/placed-by': 'me' } };
  expect(changes({ metadata, spec: {} }, 'metadata')).toEqual([
    'metadata.annotations.realip.io/placed-by = "rule"',
  ]);
});
