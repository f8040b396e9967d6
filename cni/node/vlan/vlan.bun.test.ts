import { describe, expect, test } from 'bun:test';
import { errno } from '../../../netlink/message/errno.ts';
import type { Link } from '../../../netlink/message/link.ts';
import type { NewLink } from '../../../netlink/message/link-request.ts';
import { NetlinkError } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { reasonToSkip, ScratchNetns } from '../../../netlink/testing/scratch-netns.bun.ts';
import { dropIfUnused, ensureVlan, findVlan } from './vlan.bun.ts';
import { vlanName } from './vlan-name.ts';

const reason = reasonToSkip();
const id = 100;

/** A kernel with 8021q, also where this one has none: what is called a VLAN is a bridge. */
function withVlans({ links }: Netlink, trunk: Link) {
  const seen = (link: Link): Link =>
    link.kind === 'bridge'
      ? { ...link, kind: 'vlan', vlan: { id, protocol: '802.1q' }, parentIndex: trunk.index }
      : link;
  const found = (link: Link | undefined) => link && seen(link);
  return {
    list: () => links.list().map(seen),
    get: (which: number | string) => seen(links.get(which)),
    find: (which: number | string) => found(links.find(which)),
    change: links.change.bind(links),
    create: (link: NewLink) => links.create({ kind: 'bridge', name: link.name }),
  };
}

test('a sub-interface is called as everybody calls it, unless the kernel takes no such name', () => {
  expect(vlanName({ index: 2, name: 'eth0' }, 100)).toBe('eth0.100');
  expect(vlanName({ index: 12, name: 'enp129s0f1np1' }, 4094)).toBe('rv12.4094');
});

describe.skipIf(reason !== undefined)(`VLANs of a master${reason ? ` (${reason})` : ''}`, () => {
  function prepared() {
    const node = new ScratchNetns();
    node.addUplink();
    const trunk = node.netlink.links.get('uplink');
    return { node, trunk, links: withVlans(node.netlink, trunk) };
  }

  test('one is made once, marked as ours and up', () => {
    const { node, trunk, links } = prepared();
    using _ = node;
    const made = ensureVlan(links, trunk, id);
    expect(ensureVlan(links, trunk, id).index).toBe(made.index);
    expect(node.ask('link show type bridge')).toMatchObject([
      { ifname: 'uplink.100', ifalias: 'realip-vlan', flags: expect.arrayContaining(['UP']) },
    ]);
  });

  test('an admin’s is used whatever its name, and left as it is', () => {
    const { node, trunk, links } = prepared();
    using _ = node;
    node.ip('link add office type bridge');
    expect(ensureVlan(links, trunk, id).name).toBe('office');
    expect(node.ask('link show type bridge')).toMatchObject([{ ifname: 'office', operstate: 'DOWN' }]);
    expect(node.ask('link show office')[0]).not.toHaveProperty('ifalias');
  });

  test('one of another ADD that was faster is used', () => {
    const { node, trunk, links } = prepared();
    using _ = node;
    const create = (link: NewLink) => {
      links.create(link);
      throw new NetlinkError(`create ${link.name}`, errno.EEXIST);
    };
    expect(ensureVlan({ ...links, create } as never, trunk, id).name).toBe('uplink.100');
  });

  test('another interface of that name is none', () => {
    const { node, trunk } = prepared();
    using _ = node;
    node.ip('link add uplink.100 type veth peer name far');
    expect(findVlan(node.netlink.links, trunk, id)).toBeUndefined();
    expect(() => ensureVlan(node.netlink.links, trunk, id)).toThrow(
      'uplink.100 is of the kind veth, and no VLAN 100 of uplink',
    );
  });

  /** Whether a sub-interface is there still; macvlans care for no more than its being Ethernet. */
  function stays(prepare: (node: ScratchNetns, pod: ScratchNetns) => void): boolean {
    using node = new ScratchNetns();
    using pod = new ScratchNetns();
    node.ip('link add sub type veth peer name far');
    node.ip('link set sub up alias realip-vlan');
    prepare(node, pod);
    dropIfUnused(node.netlink, node.netlink.links.get('sub'));
    expect(node.ask('link show').filter(({ ifname }) => String(ifname).startsWith('realip-u'))).toEqual([]);
    return node.netlink.links.find('sub') !== undefined;
  }

  const used: [string, (node: ScratchNetns, pod: ScratchNetns) => void][] = [
    ['somebody else made it', (node) => node.ip('link set sub alias mine')],
    [
      'a pod is on it',
      (node, pod) => node.ip(`link add link sub netns ${pod.name} name eth0 type macvlan mode bridge`),
    ],
    ['the node answers for a pod on it', (node) => node.ip('neigh add proxy 10.9.1.7 dev sub')],
    ['somebody gave it an address', (node) => node.ip('address add 10.9.0.11/16 dev sub')],
    [
      'it is part of a bridge',
      (node) => {
        node.ip('link add bridge0 type bridge');
        node.ip('link set sub master bridge0');
      },
    ],
    [
      'its shim leads to a pod',
      (node) => {
        addShim(node);
        node.ip('route add 10.9.1.7 dev shim proto 82');
        renameShim(node);
      },
    ],
  ];

  function addShim(node: ScratchNetns): void {
    node.ip('link add link sub name shim type macvlan mode bridge');
    node.ip('link set shim up');
  }

  function renameShim(node: ScratchNetns): void {
    const { index } = node.netlink.links.get('sub');
    node.ip(`link set shim name realip${index}`);
  }

  test.each(used)('one that we made stays when %s', (_, prepare) => {
    expect(stays(prepare)).toBe(true);
  });

  test('one that we made goes with its last user, and its shim with it', () => {
    expect(stays(() => undefined)).toBe(false);
    const withShim = (node: ScratchNetns) => {
      addShim(node);
      renameShim(node);
    };
    expect(stays(withShim)).toBe(false);
  });
});
