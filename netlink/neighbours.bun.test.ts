import { describe, expect, test } from 'bun:test';
import { Ip } from '../core/address/ip.ts';
import { Mac } from '../core/address/mac.ts';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();
const ip = Ip.parse('169.254.1.1');
const mac = Mac.parse('0a:58:0a:09:00:01');

function prepared() {
  const scratch = new ScratchNetns();
  scratch.addUplink();
  return { scratch, neighbours: scratch.netlink.neighbours, link: scratch.netlink.links.get('uplink') };
}

describe.skipIf(reason !== undefined)(`neighbours in the kernel${reason ? ` (${reason})` : ''}`, () => {
  test('a permanent entry is added, changed, listed and deleted', () => {
    const { scratch, neighbours, link } = prepared();
    using _ = scratch;
    neighbours.add({ link, ip, mac });
    expect(() => neighbours.add({ link, ip, mac })).toThrow(
      'could not add neighbour 169.254.1.1 on uplink: EEXIST (17)',
    );
    const other = Mac.parse('0a:58:0a:09:00:02');
    neighbours.replace({ link, ip, mac: other });
    expect(scratch.ask('neighbour show dev uplink')).toMatchObject([
      { dst: '169.254.1.1', lladdr: '0a:58:0a:09:00:02', state: ['PERMANENT'] },
    ]);
    expect(neighbours.list({ link, family: 'ipv4' })).toMatchObject([{ state: 'permanent', mac: other }]);
    neighbours.delete({ link, ip });
    expect(neighbours.list({ link, family: 'ipv4' })).toEqual([]);
    expect(() => neighbours.delete({ link, ip })).toThrow('ENOENT (2)');
  });

  test.each(['10.9.1.7', 'fd00:9::7'])('the host answers for %s by a proxy entry', (address) => {
    const { scratch, neighbours, link } = prepared();
    using _ = scratch;
    const entry = { link, ip: Ip.parse(address), proxy: true, protocol: 82 } as const;
    neighbours.replace(entry);
    neighbours.replace(entry);
    expect(scratch.ask('neighbour show proxy dev uplink')).toMatchObject([{ dst: address, protocol: '82' }]);
    expect(neighbours.list({ link, proxy: true })).toMatchObject([
      { proxy: true, mac: undefined, protocol: 82 },
    ]);
    neighbours.delete(entry);
    expect(neighbours.list({ link, proxy: true })).toEqual([]);
  });
});
