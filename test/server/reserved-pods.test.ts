import { Ip } from '../../core/address/ip.ts';
import { reportAddress } from '../../ipam-server/ledger/addresses/address-report.ts';
import type { AllocationRequest } from '../../schema/allocation.ts';
import type { Reservation } from '../../schema/reservation.ts';
import { cooldown, LedgerTrial } from './ledger-trial.ts';

/** The trial has 10.9.0.1–5 for all, 10.9.0.8–10 for n1, fd00:9::1–9 for all; nodes n1 and n2. */
let trial: LedgerTrial;
beforeEach(() => {
  trial = new LedgerTrial();
});

const owner = { kind: 'StatefulSet', name: 'db' };
const db = { namespace: 'shop', ...owner };
const four = { families: ['ipv4' as const] };
const key = (containerId: string, ifname = 'eth0') => ({ network: 'net', containerId, ifname });
const pod = (name: string, more = {}) => ({ namespace: 'shop', name, owner, ...more });
const give = (containerId: string, name: string, more: Partial<AllocationRequest> = {}) =>
  trial.allocate({ node: 'n2', ...key(containerId), pod: pod(name), ...four, ...more });
const reserve = (name: string, spec: Reservation) => trial.putReservation(name, spec);
const state = (address: string) => reportAddress(trial.ledger, Ip.parse(address), trial.now).state;

test('a pod gets its reserved addresses at once, without cooldown, again and again', () => {
  reserve('db-0', { addresses: ['10.9.0.4', 'fd00:9::7'], pod: { namespace: 'shop', name: 'db-0' } });
  for (const containerId of ['c1', 'c2', 'c3']) {
    const request = { node: 'n2', ...key(containerId), pod: pod('db-0') };
    expect(trial.allocate(request)).toEqual(['10.9.0.4', 'fd00:9::7']);
    expect(trial.release(key(containerId))).toBe(true);
    expect(state('10.9.0.4')).toBe('reserved');
  }
});

test('the other family comes from the ranges, and other pods get neither', () => {
  reserve('db-0', { addresses: ['10.9.0.1'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(trial.allocate({ node: 'n2', ...key('c1'), pod: pod('web') })).toEqual(['10.9.0.2', 'fd00:9::1']);
  expect(trial.allocate({ node: 'n2', ...key('c2'), pod: pod('db-0') })).toEqual(['10.9.0.1', 'fd00:9::2']);
});

test('a reserved address may lie outside every range, or in another node’s own; a family may have no range at all', () => {
  trial.addSubnet('far', '10.20.0.0/24');
  reserve('a', { addresses: ['10.20.0.9'], pod: { namespace: 'shop', name: 'a' } });
  reserve('b', { addresses: ['10.9.0.9'], pod: { namespace: 'shop', name: 'b' } });
  expect(give('c1', 'a')).toEqual(['10.20.0.9']);
  expect(give('c2', 'b')).toEqual(['10.9.0.9']);
  trial.release(key('c1'));
  expect(state('10.20.0.9')).toBe('reserved');
  trial.addRange('shared', { subnet: 'four', start: '10.9.0.1', end: '10.9.0.5', disabled: true });
  expect(trial.allocate({ node: 'n2', ...key('c3'), pod: pod('a') })).toEqual(['10.20.0.9', 'fd00:9::1']);
});

test('on a node of another zone the pod is refused, and gets no other address', () => {
  trial.addZone('other', 'n3');
  trial.addSubnet('others', '10.30.0.0/24', { zone: 'other' });
  trial.addRange('others', { subnet: 'others', start: '10.30.0.1', end: '10.30.0.9' });
  reserve('db-0', { addresses: ['10.9.0.4'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(give('c1', 'db-0', { node: 'n3' })).toBe('RESERVATION_NOT_OF_NODE');
  expect(give('c1', 'db-0', { node: 'n3', subnet: 'others' })).toEqual(['10.30.0.1']);
  expect(give('c2', 'db-0')).toEqual(['10.9.0.4']);
});

test('old and new pod of one name never hold the address at once, and the old one’s late DELETE frees nothing', () => {
  reserve('db-0', { addresses: ['10.9.0.4'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(give('old', 'db-0', { node: 'n1' })).toEqual(['10.9.0.4']);
  const generation = trial.ledger.sequence;
  expect(give('new', 'db-0')).toBe('RESERVATION_HELD');
  expect(trial.release(key('old'), generation)).toBe(true);
  expect(give('new', 'db-0')).toEqual(['10.9.0.4']);
  expect(trial.release(key('old'), generation)).toBe(false);
  expect(trial.release(key('old'))).toBe(false);
  expect(state('10.9.0.4')).toBe('allocated');
});

test('spiderpool 2442, whereabouts 207: a restarting StatefulSet pod’s address is never free for another, however late its old sandbox goes', () => {
  reserve('db', { addresses: ['10.9.0.1', '10.9.0.2', '10.9.0.3'], owner: db });
  expect([give('a0', 'db-0'), give('a1', 'db-1')]).toEqual([['10.9.0.1'], ['10.9.0.2']]);
  const [first] = trial.ledger.holders.ofAddress('10.9.0.1') ? [trial.ledger.sequence - 1] : [];
  // The new sandbox comes before the old one is released: it waits, though the set has a free address.
  expect(give('b0', 'db-0')).toBe('RESERVATION_HELD');
  trial.release(key('a0'));
  expect(trial.allocate({ node: 'n2', ...key('x'), pod: pod('web', { owner: undefined }), ...four })).toEqual(
    ['10.9.0.4'],
  );
  expect(give('b0', 'db-0')).toEqual(['10.9.0.1']);
  // A collector that missed the change frees by what it saw.
  expect(trial.release(key('a0'), first)).toBe(false);
  expect(state('10.9.0.1')).toBe('allocated');
});

test('spiderpool 3751: pods that a drain moves to another node get their addresses there, once, after the old ones are gone', () => {
  reserve('db', { addresses: ['10.9.0.1', '10.9.0.2'], owner: db });
  give('a0', 'db-0', { node: 'n1' });
  give('a1', 'db-1', { node: 'n1' });
  expect([give('b1', 'db-1'), give('b0', 'db-0')]).toEqual(['RESERVATION_HELD', 'RESERVATION_HELD']);
  trial.release(key('a1'));
  expect([give('b0', 'db-0'), give('b1', 'db-1')]).toEqual(['RESERVATION_HELD', ['10.9.0.2']]);
  trial.release(key('a0'));
  expect(give('b0', 'db-0')).toEqual(['10.9.0.1']);
});

test('a workload’s pods come back to the addresses they had, whatever the order; a new one takes what nobody had', () => {
  reserve('db', { addresses: ['10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.0.4'], owner: db });
  const names = ['db-0', 'db-1', 'db-2'];
  const before = names.map((name) => give(`a-${name}`, name));
  for (const name of names) {
    trial.release(key(`a-${name}`));
  }
  expect(give('new', 'db-9')).toEqual(['10.9.0.4']);
  expect([...names].reverse().map((name) => give(`b-${name}`, name))).toEqual(before.reverse());
});

test('a workload whose reserved addresses are all in use waits, and gets none from a range', () => {
  reserve('db', { addresses: ['10.9.0.1', '10.9.0.2'], owner: db });
  give('a0', 'db-0');
  trial.conflict('10.9.0.2', 'n1');
  expect(give('a1', 'db-1')).toBe('RESERVATION_EXHAUSTED');
  trial.now += 3_600_000;
  expect(give('a1', 'db-1')).toEqual(['10.9.0.2']);
});

test('a pod’s own reservation comes before its workload’s', () => {
  reserve('db', { addresses: ['10.9.0.1'], owner: db });
  reserve('db-0', { addresses: ['10.9.0.5'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(give('a0', 'db-0')).toEqual(['10.9.0.5']);
  expect(give('b0', 'db-0')).toBe('RESERVATION_HELD');
});

test('further interfaces of a sandbox get ordinary addresses, and a named subnet decides which reservation is meant', () => {
  trial.addSubnet('far', '10.20.0.0/24');
  reserve('one', { addresses: ['10.9.0.5'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(give('a', 'db-0')).toEqual(['10.9.0.5']);
  expect(give('a', 'db-0', key('a', 'net1'))).toEqual(['10.9.0.1']);
  reserve('two', { addresses: ['10.20.0.5'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(give('a', 'db-0', { ...key('a', 'net2'), subnet: 'far' })).toEqual(['10.20.0.5']);
});

test('wanted by name: one’s own reserved address is given, another’s is refused', () => {
  reserve('db', { addresses: ['10.9.0.1', '10.9.0.2'], owner: db });
  reserve('vm', { addresses: ['10.9.0.3', '10.9.0.14'] });
  expect(give('a0', 'db-0', { addresses: ['10.9.0.2'] })).toEqual(['10.9.0.2']);
  expect(give('b0', 'db-0', { addresses: ['10.9.0.2'] })).toBe('RESERVATION_HELD');
  expect(give('a1', 'db-1', { addresses: ['10.9.0.2'] })).toBe('ADDRESS_IN_USE');
  const other = { pod: { namespace: 'shop', name: 'web' } };
  expect(
    ['10.9.0.1', '10.9.0.3', '10.9.0.14'].map((each) => give('w', 'w', { ...other, addresses: [each] })),
  ).toEqual(['ADDRESS_RESERVED', 'ADDRESS_RESERVED', 'ADDRESS_RESERVED']);
});

test('a reserved address that a node holds in reserve is called back, and given to nobody until it is let go', () => {
  trial.write({ kind: 'warm', name: '10.9.0.4', record: { at: 1, node: 'n1', until: 9_000_000 } });
  reserve('db-0', { addresses: ['10.9.0.4'], pod: { namespace: 'shop', name: 'db-0' } });
  expect(trial.ledger.claims.warm('10.9.0.4')).toMatchObject({ recalled: true });
  expect(state('10.9.0.4')).toBe('warm');
  expect(give('a', 'db-0', { node: 'n1' })).toBe('ADDRESS_WARM');
  const other = { node: 'n1', pod: { namespace: 'shop', name: 'web' }, addresses: ['10.9.0.4'] };
  expect(give('w', 'w', other)).toBe('ADDRESS_RESERVED');
  trial.write({ kind: 'warm', name: '10.9.0.4', record: null });
  expect(state('10.9.0.4')).toBe('reserved');
  expect(give('a', 'db-0', { node: 'n1' })).toEqual(['10.9.0.4']);
});

test('a node’s own address is not reserved, and one that a node reports later is not given', () => {
  const agent = { addresses: ['10.9.0.4'], suspects: [], revoked: [] };
  const spec = { addresses: ['10.9.0.4'], pod: { namespace: 'shop', name: 'db-0' } };
  trial.write({ kind: 'agent', name: 'n1', record: agent });
  expect(reserve('db-0', spec)).toBe('ADDRESS_RESERVED');
  trial.write({ kind: 'agent', name: 'n1', record: { ...agent, addresses: [] } });
  reserve('db-0', spec);
  trial.write({ kind: 'agent', name: 'n1', record: agent });
  expect(give('a', 'db-0')).toBe('ADDRESS_RESERVED');
});

test('the address has its MAC, whoever of its workload has it', () => {
  reserve('db', { addresses: ['10.9.0.4'], owner: db });
  give('a', 'db-0');
  const mac = trial.ledger.holders.ofAddress('10.9.0.4')?.mac;
  trial.release(key('a'));
  give('b', 'db-1');
  expect(mac).toBe('0a:58:0a:09:00:04');
  expect(trial.ledger.holders.ofAddress('10.9.0.4')?.mac).toBe(mac);
});

test('a reservation ends at its time for every answer at once, and its address cools as if it had been free', () => {
  const expiresAt = new Date(trial.now + 5_000).toISOString();
  reserve('db-0', { addresses: ['10.9.0.1'], pod: { namespace: 'shop', name: 'db-0' }, expiresAt });
  give('a', 'db-0');
  trial.now += 4_999;
  trial.release(key('a'));
  expect([state('10.9.0.1'), trial.ledger.claims.reservations.byName.size]).toEqual(['reserved', 1]);
  trial.now += 1;
  expect([state('10.9.0.1'), trial.ledger.claims.reservations.byName.size]).toEqual(['cooling', 0]);
  expect(trial.records.has('reservation/db-0')).toBe(false);
  trial.now += cooldown;
  expect(state('10.9.0.1')).toBe('free');
});

test('a pod that lives when its reservation ends keeps the address', () => {
  const expiresAt = new Date(trial.now + 5_000).toISOString();
  reserve('db-0', { addresses: ['10.9.0.1'], pod: { namespace: 'shop', name: 'db-0' }, expiresAt });
  give('a', 'db-0');
  trial.now += 5_000;
  expect(state('10.9.0.1')).toBe('allocated');
});
