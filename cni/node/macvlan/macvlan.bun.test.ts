import { describe, expect, test } from 'bun:test';
import { errno } from '../../../netlink/message/errno.ts';
import type { NewLink } from '../../../netlink/message/link-request.ts';
import { NetlinkError } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { reasonToSkip, ScratchNetns } from '../../../netlink/testing/scratch-netns.bun.ts';
import { KernelPod } from '../pod/pod.bun.ts';
import { makeMacvlan } from './macvlan.bun.ts';

const reason = reasonToSkip();
const sketch = { ifname: 'eth0', kind: 'macvlan', mode: 'bridge', mtu: 1400 } as const;

/** A host before Linux 6.14, which looks for the new link's name among its own links too. */
function oldKernel({ links }: Netlink): Pick<Netlink, 'links'> {
  const create = (link: NewLink) => {
    if (links.find(link.name) !== undefined) {
      throw new NetlinkError(`create ${link.name}`, errno.EEXIST);
    }
    links.create(link);
  };
  return { links: Object.assign(Object.create(links), { create }) };
}

describe.skipIf(reason !== undefined)(`a pod’s macvlan${reason ? ` (${reason})` : ''}`, () => {
  function made(before: (pod: ScratchNetns) => unknown) {
    using node = new ScratchNetns();
    using pod = new ScratchNetns();
    node.addUplink();
    node.ip('link set uplink name eth0');
    before(pod);
    const { index } = node.netlink.links.get('eth0');
    const master = { index, name: 'eth0', mac: undefined, shimMac: undefined, mtu: 1500, addresses: [] };
    const opened = KernelPod.open(`/var/run/netns/${pod.name}`, false);
    try {
      makeMacvlan(oldKernel(node.netlink), opened, master, sketch);
    } finally {
      opened.close();
    }
    return pod.ask('link show');
  }

  test('is made by way of another name where an older kernel finds the host’s eth0 in the way', () => {
    expect(made(() => undefined)).toMatchObject([{ ifname: 'lo' }, { ifname: 'eth0', mtu: 1400 }]);
  });

  test('is not made there either where the pod has one of its name', () => {
    const taken = (pod: ScratchNetns) => pod.ip('link add eth0 type bridge');
    expect(() => made(taken)).toThrow('has an interface eth0 already');
  });
});
