import { describe, expect, test } from 'bun:test';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();

describe.skipIf(reason !== undefined)(`ids of namespaces${reason ? ` (${reason})` : ''}`, () => {
  test('a link whose parent is in another namespace says which, and that namespace is found by the same id', () => {
    using node = new ScratchNetns();
    using stranger = new ScratchNetns();
    using pod = new ScratchNetns();
    expect(pod.netlink.netnsIds.find(node.netns)).toBeUndefined();
    for (const [host, name] of [
      [stranger, 'one'],
      [node, 'two'],
    ] as const) {
      host.addUplink();
      host.ip(`link add ${name} link uplink netns ${pod.name} type macvlan mode bridge`);
    }
    const { links, netnsIds } = pod.netlink;
    expect(netnsIds.find(node.netns)).toBe(links.get('two').parentNetnsId ?? Number.NaN);
    expect(netnsIds.find(stranger.netns)).toBe(links.get('one').parentNetnsId ?? Number.NaN);
    expect(netnsIds.find(node.netns)).not.toBe(netnsIds.find(stranger.netns));
  });
});
