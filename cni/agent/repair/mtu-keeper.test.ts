import { MtuKeeper, type Sized } from './mtu-keeper.ts';

const link = (mtu: number, configured?: number, id = 'a'): Sized => ({ id, parentIndex: 2, mtu, configured });
const parent = (mtu: number) => new Map([[2, mtu]]);

test('a pod that was lowered with its master gets its MTU back, no more than the master has', () => {
  const keeper = new MtuKeeper();
  expect(keeper.observe([link(1500)], parent(1500))).toEqual([]);
  expect(keeper.hasChanged(parent(1400))).toBe(true);
  expect(keeper.observe([link(1400)], parent(1400))).toEqual([]);
  expect(keeper.lowered).toBe(1);
  expect(keeper.observe([link(1400)], parent(1450))).toEqual([{ id: 'a', mtu: 1450 }]);
  expect(keeper.observe([link(1450)], parent(9000))).toEqual([{ id: 'a', mtu: 1500 }]);
  expect(keeper.observe([link(1500)], parent(9000))).toEqual([]);
  expect(keeper.lowered).toBe(0);
});

test('a pod that was made smaller on purpose stays so', () => {
  const keeper = new MtuKeeper();
  keeper.observe([link(1500), link(1300, 1300, 'b')], parent(1500));
  keeper.observe([link(1200), link(1300, 1300, 'b')], parent(1500));
  keeper.observe([link(1200), link(1300, 1300, 'b')], parent(1400));
  expect(keeper.observe([link(1200), link(1300, 1300, 'b')], parent(1500))).toEqual([]);
});

test('one that was lowered before the agent began gets what its network’s configuration says, else the master’s', () => {
  const keeper = new MtuKeeper();
  const pods = [link(1400), link(1400, 1450, 'b'), link(1400, 1400, 'c'), link(1300, undefined, 'd')];
  keeper.observe(pods, parent(1400));
  for (let tries = 0; tries < 2; tries++) {
    expect(keeper.observe(pods, parent(1500))).toEqual([
      { id: 'a', mtu: 1500 },
      { id: 'b', mtu: 1450 },
    ]);
  }
});

test('a try that failed is made again', () => {
  const keeper = new MtuKeeper();
  keeper.observe([link(1500)], parent(1500));
  keeper.observe([link(1400)], parent(1400));
  for (let tries = 0; tries < 3; tries++) {
    expect(keeper.observe([link(1400)], parent(1500))).toEqual([{ id: 'a', mtu: 1500 }]);
  }
});

test('one that has its MTU again is no longer counted, though a look that tells so comes later', () => {
  const keeper = new MtuKeeper();
  keeper.observe([link(1500)], parent(1500));
  keeper.observe([link(1400)], parent(1400));
  keeper.observe([link(1400)], parent(1500)).forEach((each) => {
    keeper.restored(each);
  });
  expect(keeper.lowered).toBe(0);
  expect(keeper.observe([link(1400)], parent(1500))).toEqual([]);
  expect(keeper.lowered).toBe(0);
});

test('what is gone is forgotten', () => {
  const keeper = new MtuKeeper();
  keeper.observe([link(1500)], parent(1500));
  keeper.observe([link(1400)], parent(1400));
  keeper.observe([], parent(1400));
  expect(keeper.lowered).toBe(0);
});
