import { describe, expect, test } from 'bun:test';
import { Mac } from '../core/address/mac.ts';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();

describe.skipIf(reason !== undefined)(`links in the kernel${reason ? ` (${reason})` : ''}`, () => {
  test('a macvlan is made straight into another namespace under its final name', () => {
    using host = new ScratchNetns();
    using pod = new ScratchNetns();
    host.addUplink();
    host.ip('link set uplink name eth0'); // the host may have the very name
    const parent = host.netlink.links.get('eth0');
    host.netlink.links.create({
      kind: 'macvlan',
      mode: 'bridge',
      name: 'eth0',
      parent,
      mac: Mac.parse('0a:58:0a:09:01:07'),
      mtu: 1400,
      broadcastQueue: 2000,
      netns: pod.netns,
    });
    expect(pod.ask('link show eth0')).toMatchObject([
      {
        mtu: 1400,
        address: '0a:58:0a:09:01:07',
        linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge', bcqueuelen: 2000 } },
      },
    ]);
    const eth0 = pod.netlink.links.get('eth0');
    expect(eth0.parentIndex).toBe(parent.index);
    expect(eth0.parentNetnsId).toBe(0);
    expect(eth0.macvlan).toMatchObject({ mode: 'bridge', broadcastQueue: 2000 });
  });

  test('a link goes up, down, gets another MTU, MAC, name and alias, all at once or one by one', () => {
    using host = new ScratchNetns();
    host.addUplink();
    const { links } = host.netlink;
    const mac = Mac.parse('0a:58:00:00:00:01');
    links.change(links.get('uplink'), { up: false });
    links.change(links.get('uplink'), { mtu: 1300, mac, name: 'other', alias: 'of pod müller' });
    expect(host.ask('link show other')).toMatchObject([
      { mtu: 1300, address: `${mac}`, ifalias: 'of pod müller', operstate: 'DOWN' },
    ]);
    links.change(links.get('other'), { up: true, addressGeneration: 'none' });
    expect(host.ask('link show other')).toMatchObject([{ operstate: 'UP', inet6_addr_gen_mode: 'none' }]);
    expect(links.get('other')).toMatchObject({ up: true, carrier: true, alias: 'of pod müller' });
  });

  test('a veth is made with its peer in the other namespace, and moved', () => {
    using host = new ScratchNetns();
    using pod = new ScratchNetns();
    const peer = { name: 'eth0', netns: pod.netns, mtu: 1400 };
    host.netlink.links.create({ kind: 'veth', name: 'veth7', mtu: 1400, peer });
    expect(pod.ask('link show eth0')).toMatchObject([{ mtu: 1400, linkinfo: { info_kind: 'veth' } }]);
    expect(pod.netlink.links.get('eth0').parentIndex).toBe(host.netlink.links.get('veth7').index);
    host.netlink.links.change(host.netlink.links.get('veth7'), { netns: pod.netns, name: 'moved' });
    expect(host.netlink.links.find('veth7')).toBeUndefined();
    expect(pod.ask('link show moved')).toHaveLength(1);
  });

  test('a link joins a bridge and leaves it', () => {
    using host = new ScratchNetns();
    host.addUplink();
    const { links } = host.netlink;
    links.create({ kind: 'bridge', name: 'br0' });
    const bridge = links.get('br0');
    links.change(links.get('uplink'), { master: bridge });
    expect(host.ask('link show uplink')).toMatchObject([{ master: 'br0' }]);
    expect(links.get('uplink').masterIndex).toBe(bridge.index);
    const onPort = { kind: 'macvlan', mode: 'bridge', name: 'm', parent: links.get('uplink') } as const;
    expect(() => links.create(onPort)).toThrow('could not create macvlan m on uplink: EBUSY (16)');
    links.change(links.get('uplink'), { master: 0 });
    expect(links.get('uplink').masterIndex).toBeUndefined();
  });

  test('a delete takes the link away; a second one says ENODEV', () => {
    using host = new ScratchNetns();
    host.addUplink();
    const uplink = host.netlink.links.get('uplink');
    host.netlink.links.delete(uplink);
    expect(host.ask('link show')).toHaveLength(1);
    expect(() => host.netlink.links.delete(uplink)).toThrow('could not delete uplink: ENODEV (19)');
    expect(() => host.netlink.links.get('uplink')).toThrow('could not find link uplink: ENODEV (19)');
  });

  test('refusals name the operation, the errno and the kernel’s own reason', () => {
    using host = new ScratchNetns();
    host.addUplink();
    const { links } = host.netlink;
    const parent = links.get('uplink');
    const macvlan = { kind: 'macvlan', mode: 'bridge', name: 'm', parent } as const;
    links.create(macvlan);
    expect(() => links.create(macvlan)).toThrow('could not create macvlan m on uplink: EEXIST (17)');
    const multicast = Mac.parse('01:00:5e:00:00:01');
    expect(() => links.create({ ...macvlan, name: 'n', mac: multicast })).toThrow('EADDRNOTAVAIL (99)');
    expect(() => links.create({ ...macvlan, name: 'n', mtu: 9000 })).toThrow('EINVAL (22)');
    expect(() => links.create({ ...macvlan, name: 'a/b' })).toThrow('EINVAL (22)');
    const inUse = { ...macvlan, name: 'n', mac: links.get('uplink').mac };
    links.create(inUse);
    expect(() => links.change(links.get('n'), { up: true })).toThrow(
      'could not change up true of n: EADDRINUSE (98)',
    );
  });

  test('a VLAN is made, or the kernel’s lack of 8021q is told in its own words', () => {
    using host = new ScratchNetns();
    host.addUplink();
    const { links } = host.netlink;
    const create = () => links.create({ kind: 'vlan', name: 'v7', id: 7, parent: links.get('uplink') });
    let isKnown = true;
    try {
      host.ip('link add probe link uplink type vlan id 8');
    } catch {
      isKnown = false;
    }
    if (isKnown) {
      create();
      expect(host.ask('link show v7')).toMatchObject([{ linkinfo: { info_data: { id: 7 } } }]);
      expect(links.get('v7').vlan).toEqual({ id: 7, protocol: '802.1q' });
    } else {
      expect(create).toThrow('could not create vlan v7 on uplink: EOPNOTSUPP (95): Unknown device type');
    }
  });

  test('three hundred links are listed as iproute2 lists them', () => {
    using host = new ScratchNetns();
    host.addUplink();
    const { links } = host.netlink;
    const parent = links.get('uplink');
    for (let i = 0; i < 300; i++) {
      links.create({ kind: 'macvlan', mode: 'bridge', name: `m${i}`, parent });
    }
    const seen = links.list().map(({ index, name, mtu, mac }) => ({ index, name, mtu, mac: `${mac}` }));
    const truth = host.ask('link show').map((each) => ({
      index: each['ifindex'],
      name: each['ifname'],
      mtu: each['mtu'],
      mac: each['address'],
    }));
    expect(seen).toHaveLength(303);
    expect(seen).toEqual(truth as typeof seen);
  });
});
