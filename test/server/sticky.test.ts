import { Ip } from '../../core/address/ip.ts';
import { reportAddress } from '../../ipam-server/ledger/addresses/address-report.ts';
import type { Pod } from '../../schema/allocation.ts';
import { cooldown, LedgerTrial } from './ledger-trial.ts';

/** The trial has 10.9.0.1–5 for all, 10.9.0.8–10 for n1, fd00:9::1–9 for all; nodes n1 and n2. */
let trial: LedgerTrial;
beforeEach(() => {
  trial = new LedgerTrial();
});

const hour = 3_600_000;
const key = (containerId: string) => ({ network: 'net', containerId, ifname: 'eth0' });
const owner = { kind: 'Deployment', name: 'web' };
const give = (containerId: string, pod: Partial<Pod>, families: ('ipv4' | 'ipv6')[] = ['ipv4']) =>
  trial.allocate({
    node: 'n2',
    ...key(containerId),
    pod: { namespace: 'shop', name: containerId, ...pod },
    families,
  });
const end = (containerId: string) => trial.release(key(containerId));
const state = (address: string) => reportAddress(trial.ledger, Ip.parse(address), trial.now).state;
const reservation = (name: string) => trial.ledger.claims.reservations.byName.get(name)?.spec;
const reserved = () =>
  [...trial.ledger.claims.reservations.byName.values()].flatMap(({ spec }) => spec.addresses);

test('a sticky pod keeps its address for 24 hours after it went, and gets it again without cooldown', () => {
  const web = { name: 'web-0', sticky: 'pod' as const };
  expect(give('a', web, ['ipv4', 'ipv6'])).toEqual(['10.9.0.1', 'fd00:9::1']);
  expect(reservation('sticky.pod.shop.web-0')).toEqual({
    addresses: ['10.9.0.1', 'fd00:9::1'],
    pod: { namespace: 'shop', name: 'web-0' },
    comment: 'kept for pod shop/web-0, as its pods ask',
  });
  end('a');
  expect(reservation('sticky.pod.shop.web-0')?.expiresAt).toBe(new Date(trial.now + 24 * hour).toISOString());
  trial.now += 23 * hour;
  expect([state('10.9.0.1'), give('other', {})]).toEqual(['reserved', ['10.9.0.2']]);
  expect(give('b', web, ['ipv4', 'ipv6'])).toEqual(['10.9.0.1', 'fd00:9::1']);
  expect(reservation('sticky.pod.shop.web-0')?.expiresAt).toBeUndefined();
});

test('galaxy 87: no sticky address is kept for ever: whatever ended its last pod, the time begins, and all is free after it', () => {
  const sticky = 'owner' as const;
  const all = { owner, sticky, spare: 2, retain: '1h' };
  expect([give('a', all), give('b', all)]).toEqual([['10.9.0.1'], ['10.9.0.2']]);
  expect(reserved()).toHaveLength(4);
  end('a');
  trial.now += 2 * hour;
  expect(reserved()).toHaveLength(4);
  // The last one ends by a conflict, not by a release.
  trial.conflict('10.9.0.2', 'n2', key('b'));
  expect(reservation('sticky.deployment.shop.web')?.expiresAt).toBe(new Date(trial.now + hour).toISOString());
  trial.now += hour;
  expect(reserved()).toEqual([]);
  trial.now += cooldown;
  expect(trial.freeFor('n2').filter((address) => address.includes('.'))).toHaveLength(5);
});

test('many that end at one moment leave no sticky reservation without an end', () => {
  const all = { owner, sticky: 'owner' as const };
  for (const name of ['a', 'b', 'c']) {
    give(name, all);
  }
  expect(reservation('sticky.deployment.shop.web')?.expiresAt).toBeUndefined();
  // As when a dead node is fenced: all that it held ends in one decision.
  trial.writeAll(
    ['a', 'b', 'c'].map((name) => ({ kind: 'allocation', name: `net/${name}/eth0`, record: null })),
  );
  expect(reservation('sticky.deployment.shop.web')?.expiresAt).toBeDefined();
});

test('galaxy immutable and RollingUpdate: a surge pod of a small workload never waits for an old one', () => {
  for (const size of [1, 2, 3]) {
    trial = new LedgerTrial();
    const all = { owner, sticky: 'owner' as const };
    const old = Array.from({ length: size }, (_, i) => `old${i}`);
    const before = old.flatMap((name) => give(name, all));
    // maxSurge 1, maxUnavailable 0: the new one runs before an old one goes.
    for (const [i, name] of old.entries()) {
      const given = give(`new${i}`, all);
      expect(typeof given).not.toBe('string');
      end(name);
    }
    expect(reserved()).toHaveLength(size + 1);
    expect(reserved()).toEqual(expect.arrayContaining(before));
    // The next roll-out stays within the set.
    const set = reserved();
    for (const i of old.keys()) {
      expect(set).toEqual(expect.arrayContaining([...give(`next${i}`, all)]));
      end(`new${i}`);
    }
    expect(reserved()).toEqual(set);
  }
});

test('the next roll-out of a workload stays within the set that the first has grown, and a scale-down keeps it', () => {
  const all = { owner, sticky: 'owner' as const, spare: 1 };
  give('a', all);
  give('b', all);
  const set = reserved();
  expect(set).toHaveLength(3);
  for (const [fresh, old] of [
    ['c', 'a'],
    ['d', 'b'],
    ['e', 'c'],
    ['f', 'd'],
  ] as const) {
    give(fresh, all);
    end(old);
  }
  expect(reserved()).toHaveLength(4);
  expect(reserved().slice(0, 3)).toEqual(set);
  end('e');
  trial.now += 100 * hour;
  expect(reserved()).toHaveLength(4);
});

test('spares are reserved ahead for each family, as far as there are free ones', () => {
  const all = { owner, sticky: 'owner' as const, spare: 9 };
  expect(give('a', all, ['ipv4', 'ipv6'])).toEqual(['10.9.0.1', 'fd00:9::1']);
  expect(reserved().filter((address) => address.includes('.'))).toHaveLength(5);
  expect(reserved().filter((address) => address.includes(':'))).toHaveLength(9);
  expect(give('w', { name: 'other' })).toBe('RANGE_EXHAUSTED');
});

test('spares go on in one more range, where the subnet makes ranges by itself', () => {
  trial.addSubnet('auto', '10.20.0.0/24', { autoRange: { size: 4 } });
  const pod = { namespace: 'shop', name: 'a', owner, sticky: 'owner' as const, spare: 4 };
  expect(trial.allocate({ node: 'n1', ...key('a'), subnet: 'auto', pod })).toEqual(['10.20.0.1']);
  expect(reserved()).toEqual(['10.20.0.1', '10.20.0.2', '10.20.0.3', '10.20.0.4', '10.20.0.5']);
  expect(trial.restarted().ranges.get('auto-auto-n1-2')?.auto).toBe(true);
});

test('a pod of another workload, or of none, gets nothing of a set', () => {
  give('a', { owner, sticky: 'owner' });
  end('a');
  expect(give('b', { owner: { kind: 'Deployment', name: 'other' }, sticky: 'owner' })).toEqual(['10.9.0.2']);
  expect(give('c', {})).toEqual(['10.9.0.3']);
});

test('a pod that no longer asks takes a free address of its workload’s set, else an ordinary one', () => {
  give('a', { owner, sticky: 'owner' });
  expect(give('b', { owner })).toEqual(['10.9.0.2']);
  end('a');
  expect(give('c', { owner })).toEqual(['10.9.0.1']);
});

test('without a known owner a pod that asks for its workload’s addresses is refused', () => {
  expect(give('a', { sticky: 'owner' })).toBe('OWNER_UNKNOWN');
});

test('a reserved address comes before a sticky wish, and the wish counts for the other family', () => {
  trial.putReservation('fixed', { addresses: ['10.9.0.4'], pod: { namespace: 'shop', name: 'web-0' } });
  expect(give('a', { name: 'web-0', sticky: 'pod' }, ['ipv4', 'ipv6'])).toEqual(['10.9.0.4', 'fd00:9::1']);
  expect(reservation('sticky.pod.shop.web-0')?.addresses).toEqual(['fd00:9::1']);
});

test('a sticky address in a disabled range, in quarantine or in another zone is replaced, not waited for', () => {
  const web = { name: 'web-0', sticky: 'pod' as const };
  give('a', web);
  end('a');
  trial.conflict('10.9.0.1', 'n1');
  expect(give('b', web)).toEqual(['10.9.0.2']);
  expect(reserved()).toEqual(['10.9.0.2']);
  end('b');
  trial.addRange('shared', { subnet: 'four', start: '10.9.0.0', end: '10.9.0.5', disabled: true });
  trial.addRange('more', { subnet: 'four', start: '10.9.0.6', end: '10.9.0.7' });
  expect(give('c', web)).toEqual(['10.9.0.6']);
});

test('a Deployment’s ReplicaSets share one set', () => {
  const of = (hash: string) => ({
    owner: { kind: 'ReplicaSet', name: `web-${hash}`, uid: hash },
    labels: { 'pod-template-hash': hash },
    sticky: 'owner' as const,
  });
  expect(give('a', of('5d9c7'))).toEqual(['10.9.0.1']);
  end('a');
  expect(give('b', of('77fcb'))).toEqual(['10.9.0.1']);
  expect(reservation('sticky.deployment.shop.web')?.owner).toEqual({ namespace: 'shop', ...owner });
});

test('names that are none of Kubernetes’ get a reservation all the same', () => {
  give('a', { name: 'Web_0', sticky: 'pod' });
  expect([...trial.ledger.claims.reservations.byName.keys()][0]).toMatch(/^sticky\.\d+$/);
});

test('a sticky reservation survives a restart, its end too', () => {
  give('a', { name: 'web-0', sticky: 'pod', retain: '1h' });
  expect(trial.restarted().claims.reservations.byName).toEqual(trial.ledger.claims.reservations.byName);
  end('a');
  expect(trial.restarted().claims.reservations.byName).toEqual(trial.ledger.claims.reservations.byName);
});
