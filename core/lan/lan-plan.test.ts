import { lanPlan } from './lan-plan.ts';
import { type Layout, usualLimits } from './layout.ts';

const layout: Layout = {
  nodes: 20,
  podsPerNode: 100,
  dataplane: 'macvlan',
  shim: true,
  vlans: 1,
  subnets: 1,
  addressesPerPod: 1,
  reserve: 16,
  startsPerHour: 36,
  nodesPerSwitch: 10,
  isRouted: false,
  otherMacs: 100,
};
const macs = (change: Partial<Layout>) => lanPlan({ ...layout, ...change }, {}).macs;
const level = (id: string, change: Partial<Layout>, limits: Parameters<typeof lanPlan>[1]) =>
  lanPlan({ ...layout, ...change }, limits).judgements.find((each) => each.id === id)?.level;

test('on macvlans each pod is a MAC, and a VLAN that reaches every switch is learned by every one', () => {
  expect(macs({})).toEqual({ port: 101, access: 2120, core: 2120, card: 102, neighbours: 2120 });
});

test('behind ptp the LAN sees one MAC a node, and the gateway as many neighbours as before', () => {
  expect(macs({ dataplane: 'ptp' })).toEqual({ port: 1, access: 120, core: 120, card: 1, neighbours: 2120 });
});

test('a pod of both families is one MAC and two neighbours', () => {
  expect(macs({ subnets: 2, addressesPerPod: 2 })).toMatchObject({ core: 2120, neighbours: 4120 });
});

test('a node shows its own MAC on every VLAN, a pod on its one; a shim shows none', () => {
  expect(macs({ vlans: 4 })).toMatchObject({ port: 104, core: 2180, card: 105 });
  expect(macs({ vlans: 4, shim: false })).toMatchObject({ port: 104, card: 101 });
});

test('where VLANs end at the access switch, it learns its own nodes’ MACs only', () => {
  expect(macs({ isRouted: true })).toMatchObject({ access: 1060, core: 2 });
  expect(macs({ isRouted: true, nodes: 4 })).toMatchObject({ access: 504, core: 1 });
});

test('a limit that is passed is an error, one that is near a warning, one that nobody gave is not judged', () => {
  expect(level('access', {}, { accessMacs: 2119 })).toBe('error');
  expect(level('access', {}, { accessMacs: 2120 })).toBe('warning');
  expect(level('access', {}, { accessMacs: 2650 })).toBe('ok');
  expect(level('access', {}, {})).toBe('unknown');
});

test('a card with too few filters is slower, and no reason not to begin', () => {
  expect(level('card', {}, { cardMacs: 64 })).toBe('warning');
  expect(lanPlan(layout, { cardMacs: 64 }).advice.dataplane).toBe('macvlan');
});

test('ptp is advised where it helps, and the division of the LAN where it does not', () => {
  const advice = (change: Partial<Layout>, limits: Parameters<typeof lanPlan>[1]) =>
    lanPlan({ ...layout, ...change }, limits).advice;
  expect(advice({}, usualLimits)).toEqual({ dataplane: 'macvlan', why: 'the MAC tables hold it' });
  expect(advice({ nodes: 100 }, usualLimits)).toMatchObject({
    dataplane: 'ptp',
    why: expect.stringContaining('MACs in an access switch'),
  });
  expect(advice({ nodes: 9000 }, usualLimits).why).toContain('divide the LAN');
  expect(advice({}, { portMacs: 1 })).toMatchObject({ dataplane: 'ptp' });
  expect(advice({ dataplane: 'ptp', nodes: 100 }, usualLimits).why).toContain('with macvlan there would be');
  expect(advice({ dataplane: 'ptp' }, usualLimits).dataplane).toBe('macvlan');
});

test('the frames that the nodes send by themselves are counted one by one', () => {
  const { frames } = lanPlan(layout, {});
  // 20 × 36 pods an hour are one in five seconds: 8 frames of a probe, 2 announcements.
  expect(frames.probes).toBeCloseTo(0.2 * 8);
  expect(frames.announcements).toBeCloseTo(0.2 * 2);
  // 20 × 16 addresses each five minutes, 3 frames each.
  expect(frames.rechecks).toBeCloseTo((320 * 3) / 300);
  expect(frames.steady).toBeCloseTo(1.6 + 0.4 + 3.2);
  expect(frames.coldStart.frames).toBe(20 * 16 * 8);
  expect(lanPlan({ ...layout, shim: false }, {}).frames.coldStart.frames).toBe(20 * 16 * 6);
});

test('whatever the size, what nodes send by themselves stays below usual storm control', () => {
  for (const nodes of [1, 20, 100, 500]) {
    const { frames } = lanPlan({ ...layout, nodes, subnets: 2, addressesPerPod: 2, reserve: 8 }, {});
    expect(frames.rechecks).toBeLessThanOrEqual(100);
    expect(frames.coldStart.perSecond).toBeLessThanOrEqual(usualLimits.broadcasts);
  }
});
