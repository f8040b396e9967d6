import { expect, test } from 'bun:test';
import { readdirSync, readlinkSync } from 'node:fs';
import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { isErrno } from '../../netlink/message/netlink-error.ts';
import { reasonToSkip, ScratchNetns } from '../../netlink/testing/scratch-netns.bun.ts';
import { type Outlet, probeBy } from './prober.bun.ts';
import { schedule } from './probing.ts';

const kernel = test.skipIf(reasonToSkip() !== undefined);

/** Two hosts on one cable; `eth0` of the one probes, `eth0` of the other is the network. */
function cable(own: ScratchNetns, far: ScratchNetns): Outlet {
  own.ip(`link add eth0 type veth peer name eth0 netns ${far.name}`);
  own.ip('link set eth0 up');
  far.ip('link set eth0 up');
  const { index, mac } = own.netlink.links.get('eth0');
  return { netns: own.netns, index, mac: mac ?? Mac.parse('00:00:00:00:00:00'), askersFor: () => ['nobody'] };
}

const ask = (outlet: Outlet, ...ips: string[]) =>
  probeBy(
    [outlet],
    ips.map((ip) => Ip.parse(ip)),
  ).map(({ ip, mac }) => `${ip} ${mac}`);

kernel('a host that has the addresses is found by both families', () => {
  using own = new ScratchNetns();
  using far = new ScratchNetns();
  const outlet = cable(own, far);
  far.ip('address add 10.9.1.5/16 dev eth0');
  far.ip('address add fd00:9::5/64 dev eth0 nodad');
  const [{ address: mac } = {}] = far.ask('link show eth0');
  expect(ask(outlet, '10.9.1.5', 'fd00:9::5', '10.9.1.6', 'fd00:9::6').sort()).toEqual([
    `10.9.1.5 ${mac}`,
    `fd00:9::5 ${mac}`,
  ]);
});

kernel('nobody claims an address that is free, and its questions are over in time', () => {
  using own = new ScratchNetns();
  using far = new ScratchNetns();
  const outlet = cable(own, far);
  const start = performance.now();
  expect(ask(outlet, '10.9.1.5', 'fd00:9::5')).toEqual([]);
  expect(performance.now() - start).toBeGreaterThanOrEqual(schedule.end);
});

kernel('what can’t ask, being without carrier, down, or told to ask nobody, is no failure', () => {
  using own = new ScratchNetns();
  using far = new ScratchNetns();
  const outlet = cable(own, far);
  expect(ask({ ...outlet, askersFor: () => [] }, '10.9.1.5')).toEqual([]);
  far.ip('link set eth0 down');
  expect(ask(outlet, '10.9.1.5', 'fd00:9::5')).toEqual([]);
  own.ip('link set eth0 down');
  expect(ask(outlet, '10.9.1.5', 'fd00:9::5')).toEqual([]);
});

kernel('an interface that is gone is an error', () => {
  using own = new ScratchNetns();
  using far = new ScratchNetns();
  const outlet = cable(own, far);
  own.ip('link delete eth0');
  let thrown: unknown;
  try {
    ask(outlet, '10.9.1.5');
  } catch (error) {
    thrown = error;
  }
  expect(isErrno(thrown, 'ENODEV')).toBe(true);
});

/** `socket:[inode]` of each. */
function openSockets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const what = readlinkSync(`/proc/self/fd/${descriptor}`);
      return what.startsWith('socket:') ? [what] : [];
    } catch {
      // That of the list itself.
      return [];
    }
  });
}

kernel('no socket is left open', () => {
  using own = new ScratchNetns();
  using far = new ScratchNetns();
  const outlet = cable(own, far);
  const before = openSockets();
  // By name: threads of tests before this one may be closing theirs yet.
  const left = () => openSockets().filter((each) => !before.includes(each));
  ask(outlet, '10.9.1.5', 'fd00:9::5');
  expect(left()).toEqual([]);
  own.ip('link delete eth0');
  expect(() => ask(outlet, '10.9.1.5')).toThrow();
  expect(left()).toEqual([]);
});
