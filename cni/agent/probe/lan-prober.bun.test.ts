import { afterAll, beforeAll, expect, test } from 'bun:test';
import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { reasonToSkip } from '../../../netlink/testing/scratch-netns.bun.ts';
import { slowness } from '../../../netlink/testing/slowness.ts';
import type { LanProber } from './lan-prober.ts';
import { Lan, LateAnswerer, type Station } from './testing/lan.bun.ts';

const kernel = test.skipIf(reasonToSkip() !== undefined);

let lan: Lan;
let node: Station;
let prober: LanProber;

beforeAll(() => {
  if (reasonToSkip() === undefined) {
    lan = new Lan();
    node = lan.join('node', 11);
    prober = node.prober();
  }
});

afterAll(() => {
  node?.[Symbol.dispose]();
  lan?.[Symbol.dispose]();
});

const probe = async (which: string, by = prober) => {
  const claim = await by.probe(Ip.parse(which), { isUrgent: true, signal: AbortSignal.timeout(60_000) });
  return claim === undefined ? 'nobody' : `${claim.ip} ${claim.mac}`;
};
const many = (...which: string[]) => Promise.all(which.map((each) => probe(each)));

kernel(
  'of many addresses asked for at once those are found that somebody has, by both families',
  async () => {
    using other = lan.join('other', 99);
    other.has('10.9.1.5');
    other.has('fd00:9::5');
    const free = Array.from({ length: 30 }, (_, number) => [
      `10.9.2.${number}`,
      `fd00:9::2:${number}`,
    ]).flat();
    const start = performance.now();
    const found = await many('10.9.1.5', 'fd00:9::5', ...free);
    expect(found).toEqual([`10.9.1.5 ${other.mac}`, `fd00:9::5 ${other.mac}`, ...free.map(() => 'nobody')]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(4000);
  },
);

kernel('one packet socket a family serves all addresses, and none is left open', async () => {
  expect(node.packetSockets()).toBe(0);
  const control = new AbortController();
  const asked = Array.from({ length: 300 }, (_, number) =>
    prober
      .probe(Ip.parse('10.9.3.0').plus(BigInt(number)), { isUrgent: true, signal: control.signal })
      .catch(() => 'given up'),
  );
  await Bun.sleep(500 * slowness());
  expect(node.packetSockets()).toBe(1);
  control.abort();
  await Promise.all(asked);
  while (node.packetSockets() > 0) {
    await Bun.sleep(20);
  }
});

kernel('of two that probe for one address at the same time at most one takes it', async () => {
  using other = lan.join('second', 12);
  const rival = other.prober();
  for (const address of ['10.9.1.6', 'fd00:9::6']) {
    const found = await Promise.all([probe(address), probe(address, rival)]);
    expect(found.filter((each) => each === 'nobody').length).toBeLessThanOrEqual(1);
    const heard = [`${address} ${other.mac}`, `${address} ${node.mac}`, 'nobody'];
    expect(found.every((each) => heard.includes(each))).toBe(true);
  }
});

kernel('a host that takes a second and a half to answer is heard', async () => {
  using other = lan.join('slow', 98);
  using _ = new LateAnswerer(other, Ip.parse('10.9.1.7'), 1500);
  const start = performance.now();
  expect(await probe('10.9.1.7')).toBe(`10.9.1.7 ${other.mac}`);
  expect(performance.now() - start).toBeGreaterThanOrEqual(1500);
});

kernel('where two of three frames are lost, the third finds who has the address', async () => {
  using other = lan.join('lossy', 97);
  other.has('10.9.1.8');
  other.has('fd00:9::8');
  // Of the frames that reach it every fifth and sixth get through: a whole question of three.
  other.loses(4, 6);
  expect(await many('10.9.1.8', 'fd00:9::8')).toEqual([`10.9.1.8 ${other.mac}`, `fd00:9::8 ${other.mac}`]);
});

kernel(
  'a kernel that answers for others, and ignores probes, is found by the ordinary question',
  async () => {
    using other = lan.join('proxy', 96);
    other.answersFor('10.9.1.9', 'fd00:9::9');
    expect(await many('10.9.1.9', 'fd00:9::9')).toEqual([`10.9.1.9 ${other.mac}`, `fd00:9::9 ${other.mac}`]);
  },
);

kernel('what the node itself has is found without waiting', async () => {
  node.has('10.9.1.10');
  node.has('fd00:9::10');
  expect(await many('10.9.1.10', 'fd00:9::10')).toEqual([`10.9.1.10 ${node.mac}`, `fd00:9::10 ${node.mac}`]);
});

kernel(
  'a pod of this node that took an address by itself is found by the shim, whose MAC no switch learns',
  async () => {
    using shim = node.shim();
    using pod = node.pod();
    pod.has('10.9.1.11');
    pod.has('fd00:9::11:1');
    const found = await many('10.9.1.11', 'fd00:9::11:1');
    expect(found).toEqual([`10.9.1.11 ${pod.mac}`, `fd00:9::11:1 ${pod.mac}`]);
    expect(lan.learned()).toContain(pod.mac);
    expect(lan.learned()).not.toContain(shim.mac);
  },
);

kernel('the same address in a VLAN of the cable is another network’s', async () => {
  using other = lan.join('tagged', 95);
  using _ = new LateAnswerer(other, Ip.parse('10.9.1.12'), 100, { vlan: 7 });
  expect(await probe('10.9.1.12')).toBe('nobody');
});

kernel('without carrier it waits; when the cable is back, it asks', async () => {
  using lonely = lan.join('lonely', 13);
  using other = lan.join('late', 94);
  other.has('10.9.1.13');
  lonely.unplug();
  const asked = probe('10.9.1.13', lonely.prober());
  expect(await Promise.race([asked, Bun.sleep(1500)])).toBeUndefined();
  lonely.plug();
  expect(await asked).toBe(`10.9.1.13 ${other.mac}`);
});

kernel('a master that is down for a while makes no address free', async () => {
  using lonely = lan.join('downed', 14);
  using other = lan.join('there', 93);
  const asked = probe('10.9.1.14', lonely.prober());
  await Bun.sleep(1500);
  lonely.netns.ip('link set eth0 down');
  await Bun.sleep(400);
  other.has('10.9.1.14');
  await Bun.sleep(2000);
  lonely.netns.ip('link set eth0 up');
  expect(await asked).toBe(`10.9.1.14 ${other.mac}`);
});

kernel('a carrier that is lost for a blink between two looks begins it anew', async () => {
  using lonely = lan.join('blink', 15);
  const start = performance.now();
  const asked = probe('10.9.1.15', lonely.prober());
  await Bun.sleep(2500);
  lonely.unplug();
  lonely.plug();
  expect(await asked).toBe('nobody');
  expect(performance.now() - start).toBeGreaterThan(6400);
});

kernel(
  'a master that is deleted is an error that says so, and one that is made anew is asked by',
  async () => {
    using lonely = lan.join('gone', 16);
    using other = lan.join('found', 92);
    other.has('10.9.1.17');
    const by = lonely.prober();
    const asked = probe('10.9.1.16', by).catch((error: unknown) => error);
    const rechecked = by.recheck([Ip.parse('10.9.1.16')]).catch((error: unknown) => error);
    await Bun.sleep(30);
    lonely.netns.ip('link delete eth0');
    for (const fault of [await asked, await rechecked]) {
      expect(fault).toBeInstanceOf(Problem);
      expect(fault).toMatchObject({ code: 'MASTER_MISSING' });
    }
    lonely.connect();
    expect(await probe('10.9.1.17', by)).toBe(`10.9.1.17 ${other.mac}`);
  },
);

kernel('a re-check finds within a quarter of a second who took an address since', async () => {
  using other = lan.join('taker', 91);
  const ips = Array.from({ length: 20 }, (_, number) => Ip.parse('10.9.4.0').plus(BigInt(number)));
  other.has('10.9.4.7');
  const start = performance.now();
  const { claims } = await prober.recheck(ips);
  expect(claims.map(({ ip, mac }) => `${ip} ${mac}`)).toEqual([`10.9.4.7 ${other.mac}`]);
  expect(performance.now() - start).toBeLessThan(600 * slowness());
});

kernel('the agent’s loop is not held up: no beat of it blocks', async () => {
  const control = new AbortController();
  const asked = Array.from({ length: 1000 }, (_, number) =>
    prober
      .probe(Ip.parse('10.9.5.0').plus(BigInt(number)), { isUrgent: false, signal: control.signal })
      .catch(() => undefined),
  );
  // By its own time on the processor: others may have it in between.
  let longest = 0;
  for (const end = performance.now() + 2000; performance.now() < end; ) {
    const before = process.cpuUsage();
    await Bun.sleep(1);
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
  }
  control.abort();
  await Promise.all(asked);
  expect(longest).toBeLessThan(100);
});
