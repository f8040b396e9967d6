import { minute, subnet, Trial } from './testing/trial.ts';

const lan = subnet('lan', { routes: [{ dst: '10.20.0.0/16' }], dns: { nameservers: ['10.9.0.2'] } });
const six = subnet('six', { family: 'ipv6', dns: { nameservers: ['10.9.0.2', 'fd00::2'] } });
let trial: Trial;

beforeEach(() => {
  trial = new Trial();
});

test('a pod gets one address of each family for which the node has a reserve, and IPv4’s MAC', () => {
  trial.stock({ 'fd00::7': 'six', '10.9.0.7': 'lan' }, { subnets: [six, lan] });
  expect(trial.take(1)).toMatchObject({
    allocation: {
      mac: '0a:58:0a:09:00:07',
      ips: [{ address: '10.9.0.7/24' }, { address: 'fd00::7/64' }],
      routes: [{ dst: '10.20.0.0/16' }],
      dns: { nameservers: ['10.9.0.2', 'fd00::2'], search: [], options: [] },
    },
  });
});

test('all families or none', () => {
  trial.stock({ '10.9.0.7': 'lan' }, { subnets: [lan, six] });
  expect(trial.given(1)).toBe('wait');
  expect(trial.held()).toEqual(['10.9.0.7 ready']);
  trial.stock({ 'fd00::7': 'six' });
  expect(trial.given(1)).toEqual(['10.9.0.7', 'fd00::7']);
});

test('the families and the subnet that are asked for are the ones', () => {
  const other = subnet('other');
  const stock = { '10.9.0.7': 'lan', '10.9.1.7': 'other', 'fd00::7': 'six', 'fd00::8': 'six' };
  trial.stock(stock, { subnets: [lan, other, six] });
  expect(trial.given(1, { families: ['ipv6'] })).toEqual(['fd00::7']);
  expect(trial.given(2, { subnet: 'other' })).toEqual(['10.9.1.7']);
  expect(trial.given(3, { subnet: 'lan', families: ['ipv4', 'ipv6'] })).toEqual(['10.9.0.7', 'fd00::8']);
  expect(trial.given(4, { subnet: 'far' })).toBe('ask');
});

test('an IPv6 address alone has its own MAC', () => {
  trial.stock({ 'fd00::7': 'six' }, { subnets: [six] });
  expect(trial.take(1)).toMatchObject({ allocation: { mac: '0a:58:00:00:00:07' } });
});

test('a family of which there is no reserve is the server’s to give', () => {
  trial.stock({ '10.9.0.7': 'lan' }, { subnets: [lan] });
  expect(trial.given(1, { families: ['ipv4', 'ipv6'] })).toBe('ask');
});

test('of two addresses with one MAC only one is given', () => {
  trial.stock({ 'fd00::7': 'six', 'fd00:1::7': 'six' }, { subnets: [six] });
  expect(trial.given(1)).toEqual(['fd00::7']);
  expect(typeof trial.given(2)).toBe('string');
  trial.end(1);
  trial.tell();
  expect(trial.given(2)).toEqual(['fd00:1::7']);
});

test('all addresses of a pod are of one VLAN: first the one with both families, then the order of the server', () => {
  const subnets = [subnet('a', { vlan: 5 }), subnet('b', { vlan: 7 }), { ...six, subnet: 'b6', vlan: 7 }];
  trial.stock({ '10.9.5.1': 'a', '10.9.7.1': 'b', 'fd00::1': 'b6', 'fd00::2': 'b6' }, { subnets });
  expect(trial.given(1)).toEqual(['10.9.7.1', 'fd00::1']);
  expect(trial.given(2, { families: ['ipv4'] })).toEqual(['10.9.5.1']);
  expect(trial.given(3, { subnet: 'a', families: ['ipv4', 'ipv6'] })).toBe('ask');
});

test('a subnet whose reserve is empty is passed over for the next', () => {
  trial.stock({ '10.9.1.1': 'b' }, { subnets: [subnet('a'), subnet('b')] });
  expect(trial.given(1)).toEqual(['10.9.1.1']);
});

test('where no more is left for the reserve the server is asked: it may have one that rests', () => {
  trial.grant({}, { subnets: [subnet('lan', { most: 0 })] });
  expect(trial.given(1)).toBe('ask');
});

test('who has been ready the longest is given first', () => {
  trial.stock({ '10.9.0.9': 'lan' });
  trial.now += 1000;
  trial.stock({ '10.9.0.1': 'lan' });
  trial.now += 1000;
  trial.stock({ '10.9.0.5': 'lan' });
  expect([1, 2, 3].map((n) => trial.given(n))).toEqual([['10.9.0.9'], ['10.9.0.1'], ['10.9.0.5']]);
});

test('an address that was checked more than ten minutes ago is asked for again before it is given', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  trial.now += 10 * minute;
  expect(trial.state.toRecheck(trial.now).map(String)).toEqual(['10.9.0.7']);
  trial.now += 1;
  expect(trial.given(1)).toBe('wait');
  trial.state.rechecked(trial.state.toRecheck(trial.now), [], trial.now);
  expect(trial.given(1)).toEqual(['10.9.0.7']);
});

test('ready addresses are asked for before they are too old, some at a time, so that no pod waits', () => {
  const many = Array.from({ length: 64 }, (_, n) => [`10.9.0.${n}`, 'lan']);
  trial.stock(Object.fromEntries(many));
  trial.now += 4 * minute - 1;
  expect(trial.state.toRecheck(trial.now)).toEqual([]);
  const batches: number[] = [];
  for (const end = trial.now + 2 * minute; trial.now <= end; trial.now += minute / 4) {
    const ips = trial.state.toRecheck(trial.now);
    batches.push(ips.length);
    trial.state.rechecked(ips, [], trial.now);
  }
  expect(batches.reduce((sum, count) => sum + count, 0)).toBe(64);
  expect(Math.max(...batches)).toBeLessThanOrEqual(16);
  trial.now += 8 * minute;
  expect(Array.from({ length: 20 }, (_, n) => trial.given(n))).not.toContain('wait');
});

test('in a zone of very many nodes only those that are given next are kept fresh', () => {
  const many = Array.from({ length: 20 }, (_, n) => [`10.9.0.${n}`, 'lan']);
  trial.grant(Object.fromEntries(many), { nodes: 5000 });
  trial.probe();
  trial.now += 7 * minute;
  expect(trial.state.toRecheck(trial.now).map(String)).toEqual([0, 1, 2, 3].map((n) => `10.9.0.${n}`));
});

test('after a restart nothing is given that nobody listened for meanwhile, before it is asked for again', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  trial.restart();
  expect(trial.given(1)).toBe('wait');
  expect(trial.state.toRecheck(trial.now).map(String)).toEqual(['10.9.0.7']);
});
