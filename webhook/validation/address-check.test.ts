import fc from 'fast-check';
import { Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { AddressFacts, AddressReport } from '../../schema/address.ts';
import type { Zone } from '../policy/policy.ts';
import { checkAddress, type Looked, notChecked, type Wanting } from './address-check.ts';
import { asWarning, mostCharacters } from './warning.ts';

const zone: Zone = {
  name: 'real',
  within: null,
  type: 'macvlan',
  nodeSelector: { 'realip.io/zone-type': 'macvlan' },
  matchExpressions: [],
  tolerations: [],
  ipResource: true,
  dns: { policy: 'keep' },
  fixedAddresses: true,
};
const wanting: Wanting = {
  pod: { spec: {} },
  zone,
  who: { namespace: 'shop', name: 'web-0', owner: { kind: 'StatefulSet', name: 'web' } },
};
const ip = Ip.parse('10.9.1.7');
const lan: AddressFacts = {
  subnet: 'lan',
  zone: 'office',
  zoneType: 'macvlan',
  range: { name: 'shared', disabled: false },
};

function report(facts: Partial<AddressFacts> = {}, more: Partial<AddressReport> = {}): AddressReport {
  return { address: '10.9.1.7', state: 'free', facts: { ...lan, ...facts }, ...more };
}

/** The warnings, or the code of the denial. */
function verdict(looked: Looked, more: Partial<Wanting> = {}): string[] | string {
  try {
    return checkAddress(ip, looked, { ...wanting, ...more });
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
}

const inZone = (name: string) => ({ zone: { ...zone, nodeSelector: { 'realip.io/zone': name } } });

test.each<[string, Looked, Partial<Wanting>, string]>([
  ['in no subnet', 'outside', {}, 'FIXED_ADDRESS_OUTSIDE'],
  ['the subnet’s own', report({ never: 'subnet' }), {}, 'FIXED_ADDRESS_UNUSABLE'],
  ['a gateway', report({ never: 'gateway' }), {}, 'FIXED_ADDRESS_UNUSABLE'],
  ['excluded', report({ never: 'excluded' }), {}, 'FIXED_ADDRESS_UNUSABLE'],
  ['a node’s own', report({ never: 'node' }), {}, 'FIXED_ADDRESS_UNUSABLE'],
  ['of another type of zone', report({ zoneType: 'overlay' }), {}, 'FIXED_ADDRESS_WRONG_ZONE'],
  ['of another zone than the policy’s', report(), inZone('lab'), 'FIXED_ADDRESS_WRONG_ZONE'],
  [
    'of another zone than the pod’s own selector wants',
    report(),
    { pod: { spec: { nodeSelector: { 'realip.io/zone': 'lab' } } } },
    'FIXED_ADDRESS_WRONG_ZONE',
  ],
  [
    'reserved for another pod',
    report({ reservation: { name: 'r', pod: { namespace: 'shop', name: 'web-1' } } }),
    {},
    'FIXED_ADDRESS_RESERVED',
  ],
  [
    'reserved for a pod of that name elsewhere',
    report({ reservation: { name: 'r', pod: { namespace: 'lab', name: 'web-0' } } }),
    {},
    'FIXED_ADDRESS_RESERVED',
  ],
  [
    'reserved for another workload',
    report({ reservation: { name: 'r', owner: { namespace: 'shop', kind: 'Deployment', name: 'web' } } }),
    {},
    'FIXED_ADDRESS_RESERVED',
  ],
  ['reserved for a machine', report({ reservation: { name: 'printer' } }), {}, 'FIXED_ADDRESS_RESERVED'],
])('an address that is %s is denied', (_, looked, more, code) => {
  expect(verdict(looked, more)).toBe(code);
});

test('an address of no range is denied, unless it is reserved for the pod', () => {
  const { range: _, ...facts } = lan;
  const outside: AddressReport = { address: '10.9.1.7', state: 'free', facts };
  expect(verdict(outside)).toBe('FIXED_ADDRESS_OUTSIDE');
  const pod = { namespace: 'shop', name: 'web-0' };
  expect(
    verdict({ ...outside, state: 'reserved', facts: { ...facts, reservation: { name: 'r', pod } } }),
  ).toEqual([]);
});

test.each<[string, Looked, RegExp]>([
  ['the server says nothing', null, /not checked/],
  [
    'another pod has it',
    report({}, { state: 'allocated', owner: ownerOf('web-1') }),
    /in use by pod shop\/web-1/,
  ],
  ['it rests', report({}, { state: 'cooling', until: '2026-11-21T10:02:00.000Z' }), /rests until 2026-11-21/],
  [
    'it is in quarantine',
    report({}, { state: 'quarantined', until: '2026-11-21T10:02:00.000Z', why: 'x' }),
    /quarantine/,
  ],
  ['its range is disabled', report({ range: { name: 'old', disabled: true } }), /range old is disabled/],
  ['one node alone gives it', report({ range: { name: 'n2', node: 'n2', disabled: false } }), /only node n2/],
  [
    'an older server tells no facts',
    { address: '10.9.1.7', state: 'reserved', why: 'the gateway' },
    /the gateway/,
  ],
])('a pod is let pass with a warning where %s', (_, looked, words) => {
  expect(verdict(looked)).toEqual([expect.stringMatching(words)]);
});

test.each<[string, Looked]>([
  ['free', report()],
  [
    'in a node’s reserve, which lets it go',
    report({}, { state: 'warm', why: 'node n1 holds it in reserve' }),
  ],
  [
    'reserved for this pod',
    report({ reservation: { name: 'r', pod: { namespace: 'shop', name: 'web-0' } } }, { state: 'reserved' }),
  ],
  [
    'reserved for its workload, and resting',
    report(
      { reservation: { name: 'r', owner: { namespace: 'shop', kind: 'StatefulSet', name: 'web' } } },
      { state: 'cooling', until: '2026-11-21T10:02:00.000Z' },
    ),
  ],
  ['still a former pod’s of this name', report({}, { state: 'allocated', owner: ownerOf('web-0') })],
])('an address that is %s passes without a word', (_, looked) => {
  expect(verdict(looked)).toEqual([]);
});

test('a pod whose name is not made yet is warned of another pod’s reservation, not denied', () => {
  const reservation = { name: 'r', pod: { namespace: 'shop', name: 'web-0' } };
  const nameless = { who: { namespace: 'shop' } };
  const looked = report({ reservation }, { state: 'reserved', why: 'reservation r for pod shop/web-0' });
  expect(verdict(looked, nameless)).toEqual([expect.stringContaining('reservation r')]);
});

test('each warning fits, however long the names and reasons are', () => {
  const name = fc.string({ unit: 'binary', maxLength: 253 });
  const states = fc.constantFrom('free', 'allocated', 'cooling', 'quarantined', 'reserved', 'warm');
  fc.assert(
    fc.property(name, name, states, fc.boolean(), (one, other, state, disabled) => {
      const looked = report(
        { range: { name: one, node: other, disabled } },
        {
          state: state as AddressReport['state'],
          why: other,
          until: '2026-11-21T10:02:00.000Z',
          owner: ownerOf(one),
        },
      );
      for (const warning of checkAddress(ip, looked, wanting).map(asWarning)) {
        expect([...warning].length).toBeLessThanOrEqual(mostCharacters);
        expect(warning).not.toMatch(/\p{C}/u);
      }
    }),
  );
  expect(asWarning(notChecked)).toBe(notChecked);
});

function ownerOf(name: string): NonNullable<AddressReport['owner']> {
  return {
    node: 'n1',
    network: 'realip',
    containerId: 'c',
    ifname: 'eth0',
    pod: { namespace: 'shop', name },
  };
}
