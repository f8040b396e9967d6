import { loadPolicy } from './load.ts';
import type { Policy } from './policy.ts';

const company = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  rack-1: {within: room-a, nodeSelector: {realip.io/rack: "1"}, fixedAddresses: denied}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan}
    matchExpressions: [{key: realip.io/rack, operator: NotIn, values: [old]}]
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}]
    ipResource: true
    dns: {policy: company, nameservers: [10.0.0.53]}
  room-a:
    within: real
    nodeSelector: {realip.io/room: a}
    matchExpressions: [{key: realip.io/door, operator: Exists}]
    tolerations: [{key: room, operator: Exists}]
    ipResource: false
rules:
  - {name: racked, match: {labels: {rack: "1"}}, zone: rack-1, fixedAddresses: allowed, dns: {policy: keep}}
default: real
`;

function load(text: string): Policy {
  const loaded = loadPolicy(text);
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  return loaded.policy;
}

function errorsOf(text: string): string[] {
  const loaded = loadPolicy(text);
  return loaded.ok ? [] : loaded.errors.map(({ line, column, reason }) => `${line}:${column} ${reason}`);
}

test('a zone within another inherits everything, adds nodes’ conditions, and overrides the rest', () => {
  const { zones } = load(company);
  expect([...zones.keys()]).toEqual(['overlay', 'rack-1', 'real', 'room-a']);
  expect(zones.get('real')).toMatchObject({ within: null, fixedAddresses: true });
  expect(zones.get('rack-1')).toEqual({
    name: 'rack-1',
    within: 'room-a',
    type: 'macvlan',
    nodeSelector: { 'realip.io/zone-type': 'macvlan', 'realip.io/room': 'a', 'realip.io/rack': '1' },
    matchExpressions: [
      { key: 'realip.io/rack', operator: 'NotIn', values: ['old'] },
      { key: 'realip.io/door', operator: 'Exists' },
    ],
    tolerations: [
      { key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' },
      { key: 'room', operator: 'Exists' },
    ],
    ipResource: false,
    dns: { policy: 'company', nameservers: ['10.0.0.53'], search: [] },
    fixedAddresses: false,
  });
});

test('a rule’s own settings come before its zone’s, which stays as it is for others', () => {
  const { zones, rules } = load(company);
  const { fixedAddresses, dns, ipResource, name } = rules[0]?.zone ?? {};
  expect({ fixedAddresses, dns, ipResource, name }).toEqual({
    fixedAddresses: true,
    dns: { policy: 'keep' },
    ipResource: false,
    name: 'rack-1',
  });
  expect(zones.get('rack-1')?.fixedAddresses).toBe(false);
});

test.each([
  [
    'within: real',
    'within: reel',
    '12:13 zones.room-a.within names the unknown zone "reel"; did you mean "real"?',
  ],
  [
    'within: real',
    'within: rack-1',
    '3:20 zones.rack-1.within makes a loop: rack-1 is within room-a is within rack-1',
  ],
  ['within: real', 'within: room-a', '12:13 zones.room-a.within makes a loop: room-a is within room-a'],
  [
    'within: real',
    'within: real\n    type: overlay',
    '13:11 zones.room-a.type is overlay, but the zone "real" that it is within is macvlan',
  ],
  [
    'realip.io/room: a',
    'realip.io/zone-type: x',
    '13:41 zones.room-a.nodeSelector wants realip.io/zone-type="x", but the zone "real" that it is within has realip.io/zone-type="macvlan"',
  ],
  ['type: macvlan', '', '4:3 zones.real needs the field "type", or "within" to be a part of another zone'],
  [
    'operator: NotIn',
    'operator: NotInn',
    '7:56 zones.real.matchExpressions[0].operator is "NotInn", but must be one of In, NotIn, Exists, DoesNotExist, Gt, Lt; did you mean "NotIn"?',
  ],
  [
    'operator: NotIn, values: [old]',
    'operator: NotIn',
    '7:24 zones.real.matchExpressions[0]: operator NotIn needs values',
  ],
  [
    'fixedAddresses: denied',
    'fixedAddresses: denid',
    '3:81 zones.rack-1.fixedAddresses is "denid", but must be one of allowed, denied; did you mean "denied"?',
  ],
])('a family of zones is refused when "%s" becomes "%s"', (from, to, error) => {
  expect(errorsOf(company.replace(from, to))).toContain(error);
});

test.each([
  ['{key: other, operator: DoesNotExist}', null],
  ['{key: realip.io/rack, operator: In, values: [old, "1"]}', null],
  [
    '{key: realip.io/rack, operator: In, values: [old]}',
    'realip.io/rack NotIn [old], realip.io/rack In [old]',
  ],
  [
    '{key: realip.io/zone-type, operator: DoesNotExist}',
    'realip.io/zone-type In [macvlan], realip.io/zone-type DoesNotExist',
  ],
])('a part that adds the condition %s has nodes, or is told that it has none', (condition, clash) => {
  const text = company.replace('{key: realip.io/door, operator: Exists}', condition);
  const error = `11:3 no node can be in zones.room-a: ${clash} exclude each other`;
  expect(errorsOf(text)).toEqual(clash === null ? [] : [error]);
});

test('zones within each other, however deep, are resolved', () => {
  const deep = Array.from({ length: 5_000 }, (_, i) => `  z${i + 1}: {within: z${i}}\n`).reverse();
  const { zones } = load(
    `zones:\n${deep.join('')}  z0: {type: macvlan, nodeSelector: {a: b}}\ndefault: z0\n`,
  );
  expect(zones.get('z5000')).toMatchObject({ type: 'macvlan', nodeSelector: { a: 'b' } });
});
