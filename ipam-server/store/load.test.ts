import { ledgerOf, loadedAt } from './load.ts';
import type { Entry } from './store.ts';

const lan: Entry[] = [
  ['zone/real', '{"revision":1,"spec":{"type":"macvlan"}}'],
  ['subnet/lan', '{"revision":2,"spec":{"zone":"real","cidr":"10.9.0.0/24"}}'],
  ['range/r', '{"revision":3,"spec":{"subnet":"lan","start":"10.9.0.1","end":"10.9.0.9"}}'],
  ['node/n1', '{"revision":4,"spec":{"zone":"real"}}'],
  ['meta/sequence', '{"value":9}'],
];

const releasedAt = (at: number, sequence: number) => JSON.stringify({ at, sequence, by: 'pod shop/web-0' });

test('the order of the records in the store does not matter', () => {
  const released: Entry[] = [
    ['released/10.9.0.1', releasedAt(50, 8)],
    ['released/10.9.0.2', releasedAt(40, 7)],
  ];
  for (const entries of [[...lan, ...released], [...released, ...lan].reverse()]) {
    const ledger = ledgerOf(entries, 100);
    expect(ledger.sequence).toBe(9);
    expect(ledger.networks.get('lan')?.pools.get('r')?.oldest?.ip.toString()).toBe('10.9.0.2');
  }
});

test('a release that a wrong clock put into the future rests from now', () => {
  const ledger = ledgerOf([...lan, ['released/10.9.0.1', releasedAt(5_000, 8)]], 100);
  expect(ledger.releasedAt('10.9.0.1')?.record.at).toBe(100);
});

test('conflicts come in their order, one of the future counts from now', () => {
  const conflictAt = (at: number, sequence: number) =>
    JSON.stringify({ at, sequence, node: 'n1', mac: '02:00:00:00:00:01' });
  const conflicts: Entry[] = [
    ['conflict/10.9.0.1', conflictAt(5_000, 8)],
    ['conflict/10.9.0.2', conflictAt(40, 7)],
  ];
  const ledger = ledgerOf([...conflicts, ...lan], 100);
  expect(ledger.contestedAt('10.9.0.1')?.record.at).toBe(100);
  expect(ledger.contestedAt('10.9.0.2')?.after).toBe(ledger.contestedAt('10.9.0.1'));
});

test.each([
  ['colour/red', '{}', 'of no known kind'],
  ['zone/bad', '{"revision":', 'is not JSON'],
  ['zone/bad', '{"revision":1}', 'fields of its kind'],
  ['subnet/bad', '{"revision":1,"spec":{"zone":"real","cidr":"10.9.0.1/24"}}', 'does not fit'],
  ['released/10.9.0', '{"at":1,"sequence":1,"by":""}', 'does not fit'],
])('the damaged record %s %s is refused by name', (key, value, reason) => {
  const load = () => ledgerOf([...lan, [key, value]], 100);
  expect(load).toThrow(reason);
  expect(load).toThrow(`"${key}"`);
});

const held = (containerId: string, address: string) => {
  const attachment = { network: 'realip', containerId, ifname: 'eth0' };
  const ips = [{ address, subnet: 'lan', range: 'r' }];
  const record = {
    id: containerId,
    generation: 5,
    at: 1,
    node: 'n1',
    ...attachment,
    mac: '0a:58:0a:09:00:01',
    ips,
  };
  return JSON.stringify(record);
};

test('an address that is held twice is refused, with both names', () => {
  const twice: Entry[] = [
    ['allocation/realip/a/eth0', held('a', '10.9.0.1')],
    ['allocation/realip/b/eth0', held('b', '10.9.0.1')],
  ];
  expect(() => ledgerOf([...lan, ...twice], 100)).toThrow(
    '10.9.0.1 is held twice, by allocation realip/a/eth0 and allocation realip/b/eth0',
  );
});

test('an allocation under another’s key is refused', () => {
  const misplaced: Entry = ['allocation/realip/a/eth0', held('b', '10.9.0.1')];
  expect(() => ledgerOf([...lan, misplaced], 100)).toThrow('"allocation/realip/a/eth0" is another');
});

test('a ledger that was followed is made what a load makes of its records: what is of the future counts from now', () => {
  const records: Entry[] = [
    ...lan,
    ['released/10.9.0.1', releasedAt(5_000, 8)],
    ['released/10.9.0.2', releasedAt(50, 7)],
    ['conflict/10.9.0.3', JSON.stringify({ at: 6_000, sequence: 9, node: 'n1', mac: '02:00:00:00:00:01' })],
    ['key/k', JSON.stringify({ at: 7_000, sha256: '', answer: '' })],
  ];
  const followed = loadedAt(ledgerOf(records, 10_000), 100);
  expect(followed.releasedAt('10.9.0.1')?.record.at).toBe(100);
  expect(followed.releasedAt('10.9.0.2')?.record.at).toBe(50);
  expect(followed.contestedAt('10.9.0.3')?.record.at).toBe(100);
  expect(followed.keys.get('k')?.at).toBe(100);
  expect(followed.networks.get('lan')?.pools.get('r')?.oldest?.ip.toString()).toBe('10.9.0.2');
});
