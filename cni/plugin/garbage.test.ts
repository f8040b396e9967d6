import { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import type { Attached } from '../node/node.ts';
import { type LedgerEntry, leftovers, type Sources } from './garbage.ts';

function link(generation: number, containerId: string, change: Partial<Attached> = {}): Attached {
  return {
    netns: `/run/netns/${containerId}`,
    ifname: 'eth0',
    alias: `realip ${generation} ${containerId} real`,
    isOnThisNode: true,
    ips: [Prefix.parse(`10.9.1.${generation}/16`)],
    ...change,
  };
}

function record(generation: number, containerId: string, network = 'real'): LedgerEntry {
  const ips = [{ address: Prefix.parse(`10.9.1.${generation}/16`) }];
  return { network, containerId, ifname: 'eth0', generation, ips };
}

/** `c1: 1 link, release 1, forget 10.9.1.1`, for each attachment that goes. */
function taken(sources: Sources, ...valid: string[]): string[] {
  const isValid = ({ containerId }: { containerId: string }) => valid.includes(containerId);
  return leftovers('real', isValid, sources).map(
    ({ attachment, links, generation, ips }) =>
      `${attachment.containerId}: ${links.length} link, release ${generation}, forget ${ips.map(String)}`,
  );
}

test('what the runtime doesn’t list goes, and what it lists stays', () => {
  const sources = { attached: [link(1, 'c1'), link(2, 'c2')], records: [record(1, 'c1'), record(2, 'c2')] };
  expect(taken(sources, 'c2')).toEqual(['c1: 1 link, release 1, forget 10.9.1.1']);
  expect(taken(sources, 'c1', 'c2')).toEqual([]);
});

test('kernel and ledger each tell what the other doesn’t know', () => {
  expect(taken({ attached: [link(1, 'c1')], records: [record(2, 'c2')] })).toEqual([
    'c1: 1 link, release undefined, forget 10.9.1.1',
    'c2: 0 link, release 2, forget 10.9.1.2',
  ]);
});

test('what an ADD left that was killed goes too', () => {
  const half = link(1, 'c1', { alias: 'realip draft c1 real', ips: [] });
  expect(taken({ attached: [half], records: [record(1, 'c1')] })).toEqual([
    'c1: 1 link, release 1, forget 10.9.1.1',
  ]);
  expect(taken({ attached: [half], records: undefined })).toEqual(['c1: 1 link, release undefined, forget ']);
  expect(taken({ attached: [half], records: undefined }, 'c1')).toEqual([]);
});

test('without the ledger the link’s alias tells the generation', () => {
  expect(taken({ attached: [link(1, 'c1')], records: undefined })).toEqual([
    'c1: 1 link, release 1, forget 10.9.1.1',
  ]);
});

test('another network’s links and records stay, and those that say nothing', () => {
  const attached = [
    link(1, 'c1', { alias: 'realip 1 c1 other' }),
    link(2, 'c2', { alias: 'uplink to the switch' }),
  ];
  expect(taken({ attached, records: [record(3, 'c3', 'other')] })).toEqual([]);
});

test('a link on another node’s interface stays, unless it is of a record of this node', () => {
  const far = { isOnThisNode: false };
  expect(taken({ attached: [link(1, 'c1', far)], records: [] })).toEqual([]);
  expect(taken({ attached: [link(1, 'c1', far)], records: undefined })).toEqual([]);
  expect(taken({ attached: [link(1, 'c1', far)], records: [record(1, 'c2')] }, 'c2')).toEqual([]);
  expect(taken({ attached: [link(1, 'c1', far)], records: [record(1, 'c1')] })).toHaveLength(1);
});

test('a link whose generation nobody knew yet is known by its attachment alone', () => {
  const early = link(0, 'c1', { isOnThisNode: false });
  expect(taken({ attached: [early], records: [record(4, 'c1')] })).toEqual([
    'c1: 1 link, release 4, forget 10.9.1.0,10.9.1.4',
  ]);
  expect(taken({ attached: [early], records: [record(4, 'c2')] }, 'c2')).toEqual([]);
});

test('the way to an address stays where another pod of any network has it by now', () => {
  const again = { ips: [Prefix.parse('10.9.1.1/16')] };
  const inKernel = { attached: [link(1, 'c1'), link(2, 'c2', again)], records: undefined };
  expect(taken(inKernel, 'c2')).toEqual(['c1: 1 link, release 1, forget ']);
  const inLedger = {
    attached: [link(1, 'c1')],
    records: [{ ...record(5, 'c5', 'other'), ips: [{ address: Prefix.parse('10.9.1.1/16') }] }],
  };
  expect(taken(inLedger)).toEqual(['c1: 1 link, release undefined, forget ']);
});

test('two interfaces of one container are two attachments', () => {
  const attached = [link(1, 'c1'), link(2, 'c1', { ifname: 'net1' })];
  const isValid = ({ ifname }: { ifname: string }) => ifname === 'eth0';
  const [only, ...others] = leftovers('real', isValid, { attached, records: [] });
  expect(others).toEqual([]);
  expect(only?.attachment.ifname).toBe('net1');
  expect(only?.ips.map(String)).toEqual([Ip.parse('10.9.1.2').toString()]);
});
