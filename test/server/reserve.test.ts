import { Ip } from '../../core/address/ip.ts';
import { reportAddress } from '../../ipam-server/ledger/addresses/address-report.ts';
import { usageOf } from '../../ipam-server/ledger/addresses/usage.ts';
import { expireReserves } from '../../ipam-server/ledger/nodes/expire.ts';
import { fenceNode } from '../../ipam-server/ledger/nodes/fence.ts';
import { putReserve } from '../../ipam-server/ledger/nodes/reserve.ts';
import { allocatedIn, allocateOrRecall } from '../../ipam-server/ledger/nodes/wanted-warm.ts';
import type { HeldWarm } from '../../schema/reserve.ts';
import { attachment, LedgerTrial } from './ledger-trial.ts';

let trial: LedgerTrial;
beforeEach(() => {
  trial = new LedgerTrial();
});

const hour = 3_600_000;
const state = (address: string) => reportAddress(trial.ledger, Ip.parse(address), trial.now);
const ready = (...addresses: string[]): HeldWarm[] =>
  addresses.map((address) => ({ address, state: 'ready' as const }));
const want = (four: number) => ({ want: { four } });
const time = () => new Date(trial.now).toISOString();

/** A /24 that both nodes share. */
function roomy(): void {
  trial.addSubnet('roomy', '10.7.0.0/24');
  trial.addRange('roomy', { subnet: 'roomy', start: '10.7.0.1', end: '10.7.0.200' });
}

test('a node gets as many as it wants, its own ranges’ first, and keeps them while it holds them', () => {
  const first = trial.reserve('n1', { ...want(4), hold: [] });
  expect(first).toEqual({ addresses: ['10.9.0.8', '10.9.0.9', '10.9.0.10', '10.9.0.1'], recall: [] });
  expect(state('10.9.0.8')).toMatchObject({ state: 'warm', why: 'node n1 holds it in reserve' });
  const again = trial.reserve('n1', { ...want(4), hold: ready(...first.addresses) });
  expect(again).toEqual(first);
  expect(trial.restarted().claims.warm('10.9.0.8')).toEqual(trial.ledger.claims.warm('10.9.0.8'));
});

test('the answer has what an interface needs: prefix, MAC, gateway, routes, and until when', () => {
  const { answer } = putReserve(trial.step, 'n1', { want: { four: 1, six: 1 }, hold: [] });
  expect(answer.addresses).toEqual([
    {
      address: '10.9.0.8/28',
      subnet: 'four',
      range: 'own',
      mac: '0a:58:0a:09:00:08',
      state: 'probing',
      until: new Date(trial.now + 24 * hour).toISOString(),
    },
    expect.objectContaining({ address: 'fd00:9::1/124', subnet: 'six', range: 'six' }),
  ]);
  expect(answer.subnets).toEqual([
    { subnet: 'four', family: 'ipv4', routes: [], dns: {}, own: 3, most: 4 },
    { subnet: 'six', family: 'ipv6', routes: [], dns: {}, own: 0, most: 3 },
  ]);
  const hold = ready('10.9.0.8');
  expect(putReserve(trial.step, 'n1', { want: { four: 1 }, hold }).answer.addresses[0]?.state).toBe('ready');
});

test('the answer says how many nodes the zone has, as they come and go', () => {
  const nodes = () => putReserve(trial.step, 'n1', { hold: [] }).answer.nodes;
  expect(nodes()).toBe(2);
  trial.addNode('n3');
  trial.addZone('elsewhere', 'n4');
  expect(nodes()).toBe(3);
  trial.removeNode('n2');
  expect(nodes()).toBe(2);
});

test('what is held no more is free again at once, since nobody had it', () => {
  trial.reserve('n1', { ...want(3), hold: [] });
  expect(trial.reserve('n1', { ...want(1), hold: ready('10.9.0.9') }).addresses).toEqual(['10.9.0.9']);
  expect(['10.9.0.8', '10.9.0.10'].map((address) => state(address).state)).toEqual(['free', 'free']);
});

test('a request that was stuck on the way lets nothing go that was granted since', () => {
  const stuck = { ...want(2), hold: [], asOf: time() };
  trial.now += 1000;
  const granted = trial.reserve('n1', { ...want(2), hold: [], asOf: time() });
  trial.now += 1000;
  expect(trial.reserve('n1', stuck).addresses).toEqual(granted.addresses);
  expect(granted.addresses.map((address) => state(address).state)).toEqual(['warm', 'warm']);
});

test('an answer that was lost is given again', () => {
  const asOf = time();
  trial.now += 1000;
  const lost = trial.reserve('n1', { ...want(2), hold: [], asOf });
  trial.now += 1000;
  expect(trial.reserve('n1', { ...want(2), hold: [], asOf })).toEqual(lost);
});

test('a node that holds what the ledger has given to another is told to let it go', () => {
  trial.allocate({ node: 'n2', ...attachment(1), families: ['ipv4'] });
  trial.reserve('n2', { ...want(1), hold: [] });
  const { recall } = trial.reserve('n1', { hold: ready('10.9.0.1', '10.9.0.2', '172.16.0.1') });
  expect(recall).toEqual(['10.9.0.1', '10.9.0.2', '172.16.0.1']);
});

test('its own warm address becomes an allocation, and is recalled from then on', () => {
  trial.reserve('n1', { ...want(2), hold: [] });
  const given = trial.allocate({ node: 'n1', ...attachment(1), addresses: ['10.9.0.8'], families: ['ipv4'] });
  expect(given).toEqual(['10.9.0.8']);
  const answer = trial.reserve('n1', { ...want(2), hold: ready('10.9.0.8', '10.9.0.9') });
  expect(answer).toEqual({ addresses: ['10.9.0.9', '10.9.0.10'], recall: ['10.9.0.8'] });
});

test('a warm address that another node’s pod wants by name is called back, and free for it once let go', () => {
  roomy();
  const { addresses } = trial.reserve('n1', { want: { roomy: 2 }, hold: [] });
  const asked = () =>
    trial.step((ledger, moment) => {
      const request = { node: 'n2', ...attachment(1), addresses: ['10.7.0.1'], families: ['ipv4' as const] };
      return allocateOrRecall(ledger, request, moment);
    });
  expect(() => allocatedIn(asked())).toThrow('10.7.0.1 is in the reserve of node n1');
  expect(trial.ledger.claims.warm('10.7.0.1')?.recalled).toBe(true);
  const { sequence } = trial.ledger;
  expect(() => allocatedIn(asked())).toThrow('node n1');
  expect(trial.ledger.sequence).toBe(sequence);
  const told = trial.reserve('n1', { want: { roomy: 2 }, hold: ready(...addresses) });
  expect(told.recall).toEqual(['10.7.0.1']);
  expect(told.addresses).toEqual(['10.7.0.2', '10.7.0.3']);
  // A pod of its own has got it meanwhile: it stays until that is recorded.
  expect(() => allocatedIn(asked())).toThrow('node n1');
  trial.reserve('n1', { want: { roomy: 2 }, hold: ready(...told.addresses) });
  expect(allocatedIn(asked()).allocation.ips).toMatchObject([{ address: '10.7.0.1/24' }]);
});

test('a disabled range, a range for some pods, and a reservation call addresses back', () => {
  roomy();
  const own = trial.reserve('n1', { ...want(3), hold: [] }).addresses;
  const held = [
    ...own,
    ...trial.reserve('n1', { want: { four: 3, roomy: 3 }, hold: ready(...own) }).addresses,
  ];
  trial.addRange('own', { subnet: 'four', start: '10.9.0.8', end: '10.9.0.10', node: 'n1', disabled: true });
  trial.write({
    kind: 'reservation',
    name: 'vm',
    record: { revision: 1, spec: { addresses: ['10.7.0.2'] } },
  });
  const hold = ready(...new Set(held));
  expect([...trial.reserve('n1', { hold }).recall].sort()).toEqual(['10.7.0.2', ...own].sort());
  const match = { namespaces: ['shop'] };
  trial.addRange('roomy', { subnet: 'roomy', start: '10.7.0.1', end: '10.7.0.200', match });
  expect(trial.reserve('n1', { hold }).recall).toEqual(expect.arrayContaining(['10.7.0.1', '10.7.0.3']));
  expect(trial.reserve('n1', { want: { roomy: 9 }, hold: [] }).addresses).toEqual([]);
});

test('a shared range is never held whole by reserves: others are left some', () => {
  const one = trial.reserve('n1', { ...want(100), hold: [] }).addresses;
  const two = trial.reserve('n2', { ...want(100), hold: [] }).addresses;
  expect(one).toEqual(['10.9.0.8', '10.9.0.9', '10.9.0.10', '10.9.0.1']);
  expect(two).toEqual(['10.9.0.2']);
  expect(trial.allocate({ node: 'n2', ...attachment(1), families: ['ipv4'] })).toEqual(['10.9.0.3']);
});

test('a shared range that grows scarce gets its addresses back, the newest first', () => {
  roomy();
  const { addresses } = trial.reserve('n1', { want: { roomy: 40 }, hold: [] });
  expect(addresses).toHaveLength(40);
  for (let i = 0; i < 140; i++) {
    trial.allocate({ node: 'n2', ...attachment(i), subnet: 'roomy' });
  }
  const { recall } = trial.reserve('n1', { want: { roomy: 40 }, hold: ready(...addresses) });
  // 60 of 200 are left or in reserve: a half of them for two nodes.
  expect(recall).toEqual(addresses.slice(15));
});

test('an own range may be held whole: nobody else may use it', () => {
  trial.addSubnet('big', '10.6.0.0/24');
  trial.addRange('big', { subnet: 'big', start: '10.6.0.1', end: '10.6.0.64', node: 'n1' });
  expect(trial.reserve('n1', { want: { big: 64 }, hold: [] }).addresses).toHaveLength(64);
});

test('reserved, resting, quarantined addresses and the nodes’ own are never granted', () => {
  roomy();
  trial.allocate({ node: 'n2', ...attachment(1), subnet: 'roomy' });
  trial.release(attachment(1));
  trial.write({
    kind: 'reservation',
    name: 'vm',
    record: { revision: 1, spec: { addresses: ['10.7.0.2'] } },
  });
  trial.conflict('10.7.0.3', 'n2');
  trial.sync('n2', [], { addresses: ['10.7.0.4'] });
  expect(trial.reserve('n2', { want: { roomy: 2 }, hold: [] }).addresses).toEqual(['10.7.0.5', '10.7.0.6']);
});

test('a conflict that a probe found is a quarantine that names the MAC, and another address is granted', () => {
  const [address = ''] = trial.reserve('n1', { ...want(1), hold: [] }).addresses;
  const hold: HeldWarm[] = [{ address, state: 'conflict', mac: '52:54:00:12:34:56' }];
  const { answer, conflicts } = putReserve(trial.step, 'n1', { ...want(1), hold });
  expect(conflicts).toBe(1);
  expect(answer).toMatchObject({ addresses: [{ address: '10.9.0.9/28' }], recall: [] });
  expect(state(address)).toMatchObject({
    state: 'quarantined',
    why: expect.stringContaining('52:54:00:12:34:56'),
  });
  expect(putReserve(trial.step, 'n1', { ...want(1), hold: [...hold, ...ready('10.9.0.9')] }).conflicts).toBe(
    0,
  );
  expect(trial.changes.map(({ type }) => type)).toEqual(expect.arrayContaining(['conflict', 'quarantined']));
});

test('a node’s word about an address of another’s reserve is no conflict', () => {
  trial.reserve('n1', { ...want(1), hold: [] });
  const hold: HeldWarm[] = [{ address: '10.9.0.8', state: 'conflict', mac: '52:54:00:12:34:56' }];
  expect(putReserve(trial.step, 'n2', { hold }).conflicts).toBe(0);
  expect(state('10.9.0.8').state).toBe('warm');
});

test('a reserve that is told of is prolonged; one that is not comes back after a day and five minutes, at the end', () => {
  trial.reserve('n1', { ...want(2), hold: [] });
  trial.now += 12 * hour;
  trial.reserve('n1', { ...want(2), hold: ready('10.9.0.8', '10.9.0.9') });
  trial.reserve('n2', { ...want(1), hold: [] });
  const expire = () => trial.step((ledger, { now }) => expireReserves(ledger, now));
  trial.now += 24 * hour + 299_999;
  expect(expire()).toEqual([]);
  trial.now += 1;
  expect(expire()).toEqual(['10.9.0.8', '10.9.0.9', '10.9.0.1']);
  expect(state('10.9.0.8').state).toBe('cooling');
  expect(trial.reserve('n1', { hold: ready('10.9.0.8') }).recall).toEqual(['10.9.0.8']);
});

test('a reserve that is called back is not prolonged', () => {
  trial.reserve('n1', { ...want(1), hold: [] });
  const until = trial.ledger.claims.warm('10.9.0.8')?.until;
  trial.addRange('own', { subnet: 'four', start: '10.9.0.8', end: '10.9.0.10', node: 'n1', disabled: true });
  trial.now += 12 * hour;
  trial.reserve('n1', { hold: ready('10.9.0.8') });
  expect(trial.ledger.claims.warm('10.9.0.8')).toMatchObject({ until, recalled: true });
});

test('a quiet reserve costs no records', () => {
  const { addresses } = trial.reserve('n1', { ...want(3), hold: [] });
  const before = new Map(trial.records);
  trial.now += hour / 2;
  trial.reserve('n1', { ...want(3), hold: ready(...addresses) });
  expect(trial.records).toEqual(before);
});

test('while a new epoch waits, and from a fenced node, no reserve is granted', () => {
  trial.sync('n1', []);
  const epoch = { value: 2, at: 1, why: 'restored', waitingFor: ['n2'] };
  trial.write({ kind: 'epoch', name: 'current', record: epoch });
  expect(() => trial.reserve('n1', { hold: [] })).toThrow('waits for the sync of node n2');
  trial.sync('n2', []);
  expect(() => trial.reserve('n1', { hold: [], epoch: 1 })).toThrow('epoch 1');
  expect(trial.reserve('n1', { ...want(1), hold: [], epoch: 2 }).addresses).toHaveLength(1);
});

test('the reserve is not for pods with reservations or that a range asks for', () => {
  trial.addRange('shop', {
    subnet: 'four',
    start: '10.9.0.11',
    end: '10.9.0.11',
    match: { namespaces: ['shop-*'] },
  });
  trial.addRange('db', {
    subnet: 'four',
    start: '10.9.0.12',
    end: '10.9.0.12',
    match: { podLabels: { tier: 'db' }, namespaceLabels: { team: 'x' } },
  });
  const spec = { addresses: ['10.9.0.2'], pod: { namespace: 'a', name: 'web-0' } };
  trial.write({ kind: 'reservation', name: 'pod', record: { revision: 1, spec } });
  const owner = { namespace: 'a', kind: 'StatefulSet', name: 'db' };
  trial.write({
    kind: 'reservation',
    name: 'owner',
    record: { revision: 1, spec: { addresses: ['10.9.0.3'], owner } },
  });
  const { reserved, matched } = putReserve(trial.step, 'n1', { hold: [] });
  expect(reserved).toEqual({ pods: ['a/web-0'], owners: ['a/StatefulSet/db'] });
  expect(matched).toEqual({ namespaces: ['shop-*'], podLabels: ['tier'], namespaceLabels: ['team'] });
  expect(putReserve(trial.step, 'n1', { hold: [] }).reserved).toBe(reserved);
  trial.write({ kind: 'reservation', name: 'pod', record: null });
  expect(putReserve(trial.step, 'n1', { hold: [] }).reserved.pods).toEqual([]);
});

test('a reserve that is taken away rests, whatever was seen of its addresses long ago', () => {
  const address = '10.9.0.8';
  expect(trial.conflict(address, 'n2')).toBe('quarantined');
  trial.now += hour;
  const all = ready('10.9.0.9', '10.9.0.10', address);
  trial.reserve('n1', { ...want(3), hold: [] });
  trial.reserve('n1', { ...want(3), hold: all });
  expect(state(address)).toMatchObject({ state: 'warm' });
  trial.step((ledger, { now }) => fenceNode(ledger, 'n1', 'it is dead', now));
  expect(state(address)).toMatchObject({ state: 'cooling' });
  const [four] = [...trial.ledger.networks.values()].map((network) => usageOf(network, trial.now));
  expect(four).toMatchObject({ free: 5, byState: { cooling: 3 } });
});
