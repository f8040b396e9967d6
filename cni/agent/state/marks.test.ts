import { highMark, lowMark, surplus } from './marks.ts';
import { minute, subnet, Trial } from './testing/trial.ts';

const demand = { subnet: subnet('lan'), usable: 0, taken: 0, waiting: 0 };
const own = subnet('lan', { own: 200, most: 200 });
let trial: Trial;

beforeEach(() => {
  trial = new Trial();
});

/** How many of a subnet the server is asked for. */
const wanted = (waiting = 0, name = 'lan') => trial.state.reserveRequest(trial.now, waiting).want?.[name];

/** So many addresses of the subnet `lan`, granted and probed. */
function stock(count: number, more: Parameters<Trial['stock']>[1] = {}): void {
  trial.stock(Object.fromEntries(Array.from({ length: count }, (_, n) => [`10.9.0.${n}`, 'lan'])), more);
}

test('a quiet node holds four of shared ranges and sixteen of its own, where there are so many', () => {
  expect(highMark(demand, undefined)).toBe(4);
  expect(highMark({ ...demand, subnet: own }, undefined)).toBe(16);
  expect(highMark({ ...demand, subnet: subnet('lan', { own: 6 }) }, undefined)).toBe(6);
  expect(highMark({ ...demand, subnet: subnet('lan', { own: 2, most: 2 }) }, undefined)).toBe(2);
});

test('a busy node holds twice what ten minutes took, and sixty-four at most', () => {
  expect(highMark({ ...demand, taken: 10 }, undefined)).toBe(20);
  expect(highMark({ ...demand, subnet: own, taken: 500 }, undefined)).toBe(64);
  expect(highMark({ ...demand, subnet: subnet('lan', { most: 7 }), taken: 500 }, undefined)).toBe(7);
});

test('what an admin has set is held, as far as the server leaves so many', () => {
  expect(highMark({ ...demand, subnet: own, taken: 500 }, 3)).toBe(3);
  expect(highMark({ ...demand, subnet: subnet('lan', { most: 2 }) }, 100)).toBe(2);
  trial = new Trial({ reserve: 9 });
  trial.grant({});
  expect(wanted()).toBe(9);
  trial = new Trial({ reserve: 0 });
  trial.grant({});
  expect(wanted()).toBe(0);
});

test('below half of it the server is asked at once', () => {
  expect(lowMark({ ...demand, taken: 10 }, undefined)).toBe(10);
  stock(8);
  expect(trial.state.isLow(trial.now)).toBe(false);
  for (let n = 0; n < 4; n++) {
    trial.given(n);
  }
  expect(trial.state.isLow(trial.now)).toBe(false);
  trial.given(4);
  trial.given(5);
  expect(trial.state.isLow(trial.now)).toBe(true);
});

test('with nothing left to be had it isn’t asked at once', () => {
  stock(2, { subnets: [subnet('lan', { most: 2 })] });
  trial.given(1);
  trial.given(2);
  trial.tell();
  trial.grant({}, { recall: ['10.9.0.0', '10.9.0.1'], subnets: [subnet('lan', { most: 0 })] });
  expect(trial.state.isLow(trial.now)).toBe(false);
});

test('each subnet of the zone has its reserve, and the rate of each is its own', () => {
  const stocked = { '10.9.0.1': 'lan', '10.9.0.2': 'lan', '10.9.0.3': 'lan', '10.9.1.1': 'other' };
  trial.stock(stocked, { subnets: [subnet('lan'), subnet('other')] });
  for (let n = 0; n < 3; n++) {
    trial.given(n);
  }
  trial.tell();
  expect([wanted(), wanted(0, 'other')]).toEqual([6, 4]);
  trial.now += 10 * minute;
  expect([wanted(), wanted(0, 'other')]).toEqual([4, 4]);
});

test('the rate is known after a restart', () => {
  stock(8);
  for (let n = 0; n < 6; n++) {
    trial.given(n);
  }
  trial.restart();
  trial.tell();
  expect(wanted()).toBe(12);
});

test('addresses that pods have and the server doesn’t know of are wanted on top: it counts them as held', () => {
  stock(4);
  trial.given(1);
  trial.given(2);
  expect(wanted()).toBe(4 + 2);
  trial.tell();
  expect(wanted()).toBe(4);
});

test('each pod that waits is wanted for, once, until it is served or stops', () => {
  trial.grant({});
  for (let n = 0; n < 30; n++) {
    expect(trial.given(n)).toBe('wait');
    expect(trial.given(n)).toBe('wait');
  }
  expect(wanted(30)).toBe(34);
  expect(trial.state.isLow(trial.now)).toBe(true);
  trial.state.waitsNoMore({ network: 'real', containerId: 'c0', ifname: 'eth0' });
  trial.end(1);
  expect(wanted(28)).toBe(32);
  expect(wanted(0)).toBe(4);
});

test('addresses that pods wait for are probed by the shortest times, and no more than those', () => {
  trial.grant({ '10.9.0.1': 'lan' });
  expect(trial.state.toProbe(trial.now).map(({ isUrgent }) => isUrgent)).toEqual([false]);
  trial.given(1);
  expect(trial.state.toProbe(trial.now).map(({ isUrgent }) => isUrgent)).toEqual([true]);
});

test('a pod waits for one address a family: other subnets get no more for it', () => {
  trial.grant({}, { subnets: [subnet('lan'), subnet('other'), subnet('six', { family: 'ipv6' })] });
  trial.given(1);
  expect(wanted(1)).toBe(5);
  expect([wanted(1, 'other'), wanted(1, 'six')]).toEqual([4, 5]);
});

test('what is far too much goes back, the least probed first', () => {
  expect(surplus({ ...demand, usable: 8 }, undefined)).toBe(0);
  expect(surplus({ ...demand, usable: 9 }, undefined)).toBe(5);
  expect(surplus({ ...demand, usable: 9, waiting: 5 }, undefined)).toBe(0);
  stock(6);
  trial.now += minute;
  trial.stock({ '10.9.0.100': 'lan', '10.9.0.101': 'lan' });
  trial.grant({ '10.9.0.102': 'lan' });
  expect(trial.held()).toEqual(['10.9.0.0 ready', '10.9.0.1 ready', '10.9.0.2 ready', '10.9.0.3 ready']);
});

test('what the server leaves no room for goes back at once', () => {
  expect(surplus({ ...demand, subnet: subnet('lan', { most: 3 }), usable: 4 }, undefined)).toBe(1);
  stock(4);
  trial.grant({}, { subnets: [subnet('lan', { most: 3 })] });
  expect(trial.held()).toHaveLength(3);
  trial.grant({}, { subnets: [subnet('lan', { most: 0 })] });
  expect(trial.held()).toEqual([]);
});

test('a pod’s address isn’t given back', () => {
  stock(4);
  trial.given(1);
  trial.grant({}, { subnets: [subnet('lan', { most: 0 })] });
  expect(trial.held()).toEqual(['10.9.0.0 ready']);
});
