import { Ip } from '../../core/address/ip.ts';
import { reportAddress } from '../../ipam-server/ledger/addresses/address-report.ts';
import { fenceNode } from '../../ipam-server/ledger/nodes/fence.ts';
import { attachmentName } from '../../ipam-server/ledger/state/record.ts';
import type { LiveAttachment } from '../../schema/node-sync.ts';
import { attachment, cooldown, LedgerTrial } from './ledger-trial.ts';

let trial: LedgerTrial;
beforeEach(() => {
  trial = new LedgerTrial();
});

const state = (address: string) => reportAddress(trial.ledger, Ip.parse(address), trial.now);
const live = (n: number, addresses: string[], more: Partial<LiveAttachment> = {}): LiveAttachment => ({
  ...attachment(n),
  addresses,
  ...more,
});

/** Gives a container an IPv4 address and lets it come up. */
function give(n: number, node = 'n2'): LiveAttachment {
  const given = trial.allocate({ node, ...attachment(n), families: ['ipv4'] });
  if (typeof given === 'string') {
    throw new Error(given);
  }
  return live(n, given, { generation: trial.ledger.sequence });
}
const wait = (seconds: number) => {
  trial.now += seconds * 1000;
};
const fence = (node: string) =>
  trial.step((ledger, { now }) => fenceNode(ledger, node, 'the node is dead', now));

test('what a node does not show is a suspect first, and released when a later report does not show it either', () => {
  const [one, two] = [give(1), give(2)];
  wait(10);
  const first = trial.sync('n2', [one]);
  expect(first).toMatchObject({ release: [], suspects: [{ ...attachment(2), addresses: two.addresses }] });
  expect(state('10.9.0.2').state).toBe('allocated');
  wait(10);
  const second = trial.sync('n2', [one]);
  expect(second).toMatchObject({ release: [{ ...attachment(2), addresses: two.addresses }], suspects: [] });
  expect(state('10.9.0.2').state).toBe('cooling');
  expect(state('10.9.0.1').state).toBe('allocated');
});

test('Calico #5044: an address that is live is never taken back, however often one report missed it', () => {
  const one = give(1);
  for (let i = 0; i < 10; i++) {
    wait(10);
    expect(trial.sync('n2', []).release).toEqual([]);
    wait(10);
    expect(trial.sync('n2', [one])).toMatchObject({ release: [], suspects: [], adopted: [] });
  }
  expect(state('10.9.0.1').state).toBe('allocated');
});

test('Calico #5044: a report that is sent again is no second observation', () => {
  give(1);
  wait(10);
  const asOf = new Date(trial.now).toISOString();
  wait(1);
  trial.sync('n2', []);
  wait(1);
  expect(trial.sync('n2', []).release).toEqual([]);
  wait(60);
  expect(trial.sync('n2', [], { asOf }).release).toEqual([]);
  expect(state('10.9.0.1').state).toBe('allocated');
});

test('Whereabouts #176: the new address of an attachment is not freed for the absence of its old one', () => {
  give(1);
  wait(10);
  trial.sync('n2', []);
  trial.release(attachment(1));
  const again = give(1);
  expect(again.addresses).toEqual(['10.9.0.2']);
  wait(10);
  expect(trial.sync('n2', []).release).toEqual([]);
  expect(state('10.9.0.2').state).toBe('allocated');
  expect(trial.sync('n2', [again])).toMatchObject({ suspects: [], conflicts: [] });
});

test('Whereabouts #176: a report from before an allocation says nothing about it, however late it arrives', () => {
  const { time } = trial.sync('n2', []);
  wait(1);
  give(1);
  wait(20);
  expect(trial.sync('n2', [], { asOf: time })).toMatchObject({ suspects: [], release: [] });
  wait(20);
  expect(trial.sync('n2', [], { asOf: time })).toMatchObject({ suspects: [], release: [] });
});

test('Spiderpool #2442: the address of a restarting pod is freed for nobody while its new container runs', () => {
  const pod = { namespace: 'shop', name: 'db-0' };
  const first = live(
    1,
    trial.allocate({ node: 'n2', ...attachment(1), families: ['ipv4'], pod }) as string[],
  );
  trial.write({
    kind: 'reservation',
    name: 'db',
    record: { revision: 1, spec: { addresses: first.addresses, pod } },
  });
  wait(10);
  trial.sync('n2', []);
  // The new container has the pod's address before the old one's end was told.
  const second = live(2, first.addresses, { pod });
  wait(10);
  const answer = trial.sync('n2', [second]);
  expect(answer.conflicts).toMatchObject([{ ...attachment(2), code: 'ADDRESS_IN_USE' }]);
  expect(answer.release).toMatchObject([attachment(1)]);
  expect(trial.allocate({ node: 'n1', ...attachment(9), addresses: first.addresses })).not.toContain(
    first.addresses[0],
  );
  wait(10);
  expect(trial.sync('n2', [second]).adopted).toMatchObject([attachment(2)]);
  expect(state('10.9.0.1')).toMatchObject({ state: 'allocated', owner: { ...attachment(2), pod } });
});

test('an allocation that was made a moment ago may not be visible yet', () => {
  give(1);
  wait(1);
  expect(trial.sync('n2', []).suspects).toEqual([]);
  wait(4);
  expect(trial.sync('n2', []).suspects).toHaveLength(1);
});

test('an attachment whose addresses the node cannot tell lives all the same', () => {
  give(1);
  wait(10);
  expect(trial.sync('n2', [live(1, [])])).toMatchObject({ suspects: [], adopted: [], conflicts: [] });
});

test('a live attachment that the ledger does not know is adopted with its addresses and its MAC', () => {
  const pod = { namespace: 'shop', name: 'web-0' };
  const mac = '02:11:22:33:44:55';
  const six = 'fd00:9::5';
  const { adopted, conflicts } = trial.sync('n2', [live(1, ['10.9.0.3', six], { pod, mac })]);
  expect(conflicts).toEqual([]);
  expect(adopted).toMatchObject([{ ...attachment(1), addresses: ['10.9.0.3', six] }]);
  expect(state('10.9.0.3')).toMatchObject({ state: 'allocated', owner: { node: 'n2', pod } });
  expect(trial.ledger.holders.ofAttachment(attachmentName(attachment(1)))?.mac).toBe(mac);
  expect(trial.sync('n2', [live(1, ['10.9.0.3', six], { pod, mac })])).toMatchObject({ adopted: [] });
  expect(trial.restarted().holders.ofAddress('10.9.0.3')?.mac).toBe(mac);
});

test('what rests, what was never used and what the node holds in reserve is adopted', () => {
  give(1);
  trial.release(attachment(1));
  trial.write({ kind: 'warm', name: '10.9.0.4', record: { at: 1, node: 'n2', until: 9_000_000 } });
  const answer = trial.sync('n2', [live(2, ['10.9.0.1']), live(3, ['10.9.0.5']), live(4, ['10.9.0.4'])]);
  expect(answer.adopted.map(({ addresses }) => addresses)).toEqual([
    ['10.9.0.1'],
    ['10.9.0.5'],
    ['10.9.0.4'],
  ]);
  expect(trial.ledger.claims.warm('10.9.0.4')).toBeUndefined();
  expect(trial.ledger.releasedAt('10.9.0.1')).toBeUndefined();
});

test('what was released after the node looked is not adopted', () => {
  const one = give(1);
  const { time } = trial.sync('n2', [one]);
  wait(1);
  trial.release(attachment(1));
  wait(1);
  expect(trial.sync('n2', [one], { asOf: time })).toMatchObject({ adopted: [], conflicts: [] });
  expect(state('10.9.0.1').state).toBe('cooling');
});

test('two live holders are told and not resolved: the address stays with the one that the ledger knows', () => {
  give(1, 'n2');
  const other = live(2, ['10.9.0.1'], { mac: '02:00:00:00:00:77' });
  wait(10);
  const { conflicts, adopted } = trial.sync('n1', [other]);
  expect(adopted).toEqual([]);
  expect(conflicts).toMatchObject([
    {
      address: '10.9.0.1',
      ...attachment(2),
      code: 'ADDRESS_IN_USE',
      why: expect.stringContaining('node n2'),
    },
  ]);
  expect(state('10.9.0.1')).toMatchObject({
    state: 'allocated',
    owner: { node: 'n2' },
    why: expect.stringContaining('02:00:00:00:00:77'),
  });
  const { sequence } = trial.ledger;
  wait(10);
  expect(trial.sync('n1', [other]).conflicts).toHaveLength(1);
  expect(trial.ledger.sequence).toBe(sequence);
  trial.release(attachment(1));
  expect(state('10.9.0.1').state).toBe('quarantined');
  expect(trial.sync('n1', [other]).adopted).toHaveLength(1);
});

test('an attachment that shows another address than it was given keeps what the ledger says, and nobody gets the other', () => {
  const one = give(1);
  const answer = trial.sync('n2', [{ ...one, addresses: ['10.9.0.4'] }]);
  expect(answer).toMatchObject({
    adopted: [],
    suspects: [],
    conflicts: [{ address: '10.9.0.4', code: 'ADDRESS_NOT_GIVEN', why: expect.stringContaining('10.9.0.1') }],
  });
  expect(state('10.9.0.1').state).toBe('allocated');
  expect(state('10.9.0.4').state).toBe('quarantined');
  // An older generation is what the node saw before, and no contradiction.
  const older = { ...one, generation: 1, addresses: ['10.9.0.3'] };
  expect(trial.sync('n2', [older]).conflicts).toEqual([]);
});

test.each([
  ['in no subnet', '172.16.0.1', 'ADDRESS_OUTSIDE_SUBNETS'],
  ['the subnet’s own', '10.9.0.0', 'ADDRESS_NOT_GIVEN'],
  ['reserved for another', '10.9.0.2', 'ADDRESS_RESERVED'],
  ['in another node’s reserve', '10.9.0.3', 'ADDRESS_WARM'],
  ['seen on somebody else', '10.9.0.4', 'ADDRESS_QUARANTINED'],
  ['another node’s own', '10.9.0.5', 'ADDRESS_RESERVED'],
])('what is %s is not adopted and told', (_, address, code) => {
  trial.write({
    kind: 'reservation',
    name: 'vm',
    record: { revision: 1, spec: { addresses: ['10.9.0.2'] } },
  });
  trial.write({ kind: 'warm', name: '10.9.0.3', record: { at: 1, node: 'n1', until: 9_000_000 } });
  trial.conflict('10.9.0.4', 'n1');
  trial.sync('n1', [], { addresses: ['10.9.0.5'] });
  const { adopted, conflicts } = trial.sync('n2', [live(1, [address])]);
  expect(adopted).toEqual([]);
  expect(conflicts).toMatchObject([{ address, ...attachment(1), code }]);
});

test('of several addresses those that are nobody’s are adopted, the others told', () => {
  give(1, 'n2');
  const { adopted, conflicts } = trial.sync('n1', [live(2, ['10.9.0.1', 'fd00:9::3'])]);
  expect(adopted).toMatchObject([{ addresses: ['fd00:9::3'] }]);
  expect(conflicts).toMatchObject([{ address: '10.9.0.1' }]);
});

test('an address in another’s reserve that a pod uses leaves the reserve, and is the pod’s at the next report', () => {
  trial.write({ kind: 'warm', name: '10.9.0.3', record: { at: 1, node: 'n1', until: 9_000_000 } });
  const pod = live(1, ['10.9.0.3'], { mac: '02:00:00:00:00:77' });
  trial.sync('n2', [pod]);
  expect(trial.ledger.claims.warm('10.9.0.3')).toBeUndefined();
  expect(trial.sync('n2', [pod]).adopted).toHaveLength(1);
});

test('a node’s own addresses are given to nobody from then on', () => {
  trial.sync('n1', [], { addresses: ['10.9.0.1', '10.9.0.1'] });
  expect(give(1).addresses).toEqual(['10.9.0.2']);
  expect(state('10.9.0.1')).toMatchObject({ state: 'reserved', why: 'it is node n1’s own' });
  trial.sync('n1', []);
  expect(state('10.9.0.1').state).toBe('reserved');
  trial.sync('n1', [], { addresses: [] });
  expect(state('10.9.0.1').state).toBe('free');
});

test('a node’s own address that a pod or another node has is told, and in no reserve any more', () => {
  give(1);
  trial.write({ kind: 'warm', name: '10.9.0.3', record: { at: 1, node: 'n2', until: 9_000_000 } });
  const { conflicts } = trial.sync('n1', [], { addresses: ['10.9.0.1', '10.9.0.3', '192.0.2.1'] });
  expect(conflicts).toMatchObject([{ address: '10.9.0.1', ...attachment(1), code: 'ADDRESS_IN_USE' }]);
  expect(trial.ledger.claims.warm('10.9.0.3')).toBeUndefined();
  wait(10);
  const twin = trial.sync('n2', [live(1, [])], { addresses: ['10.9.0.3'] });
  expect(twin.conflicts).toMatchObject([{ address: '10.9.0.3', why: 'it is node n1’s own, too' }]);
});

test('a fence takes all that a node has, and tells the node on its return until it shows it no more', () => {
  const [one, two] = [give(1), give(2)];
  trial.write({ kind: 'warm', name: '10.9.0.4', record: { at: 1, node: 'n2', until: 9_000_000 } });
  const { attachments, addresses } = fence('n2');
  expect(attachments).toMatchObject([attachment(1), attachment(2)]);
  expect(addresses).toEqual(['10.9.0.1', '10.9.0.2', '10.9.0.4']);
  expect(['10.9.0.1', '10.9.0.2', '10.9.0.4'].map((address) => state(address).state)).toEqual([
    'cooling',
    'cooling',
    'cooling',
  ]);
  const back = trial.sync('n2', [one, two, live(3, ['10.9.0.5'])]);
  expect(back).toMatchObject({
    revoked: [attachment(1), attachment(2)],
    adopted: [attachment(3)],
    conflicts: [],
  });
  wait(10);
  expect(trial.sync('n2', [two]).revoked).toMatchObject([attachment(2)]);
  expect(state('10.9.0.2').state).not.toBe('allocated');
  expect(trial.sync('n2', [])).toMatchObject({ revoked: [] });
  expect(trial.ledger.claims.agent('n2')).toMatchObject({ revoked: [] });
  expect(trial.ledger.claims.agent('n2')?.fencedAt).toBeUndefined();
});

test('what was revoked is not adopted, even long after it has rested', () => {
  const one = give(1);
  fence('n2');
  wait(10 * cooldown);
  for (let i = 0; i < 3; i++) {
    wait(10);
    expect(trial.sync('n2', [one])).toMatchObject({ revoked: [attachment(1)], adopted: [] });
  }
});

test('a fence again takes only what came since, and forgets nothing', () => {
  give(1);
  fence('n2');
  const fencedAt = trial.ledger.claims.agent('n2')?.fencedAt;
  wait(10);
  give(2);
  expect(fence('n2').attachments).toMatchObject([attachment(2)]);
  expect(fence('n2').attachments).toEqual([]);
  expect(trial.ledger.claims.agent('n2')).toMatchObject({
    fencedAt,
    revoked: [attachment(1), attachment(2)],
  });
});

test('a fenced node with an agent is given nothing before its sync; one without an agent is not locked out', () => {
  fence('n1');
  expect(trial.allocate({ node: 'n1', ...attachment(1) })).not.toBe('NODE_FENCED');
  trial.sync('n2', []);
  fence('n2');
  expect(trial.allocate({ node: 'n2', ...attachment(2) })).toBe('NODE_FENCED');
  trial.sync('n2', []);
  expect(trial.allocate({ node: 'n2', ...attachment(2) })).toHaveLength(2);
});

test('a fenced reservation’s address is reserved again', () => {
  const pod = { namespace: 'shop', name: 'db-0' };
  const [address = ''] = trial.allocate({ node: 'n2', ...attachment(1), families: ['ipv4'], pod });
  trial.write({
    kind: 'reservation',
    name: 'db',
    record: { revision: 1, spec: { addresses: [address], pod } },
  });
  fence('n2');
  expect(state(address).state).toBe('reserved');
});

test('every change by a sync or a fence is an event, with why', () => {
  const [one] = [give(1), give(2)];
  wait(10);
  const since = trial.changes.length;
  trial.sync('n2', [one, live(3, ['10.9.0.4'])], { addresses: ['10.9.0.5'] });
  wait(10);
  trial.sync('n2', [one, live(3, ['10.9.0.4']), live(4, ['10.9.0.1'])]);
  fence('n2');
  trial.sync('n2', []);
  expect(trial.changes.slice(since)).toMatchObject([
    { type: 'adopted', ...attachment(3), why: 'node n2 shows it and the ledger did not know it' },
    { type: 'reserved', addresses: ['10.9.0.5'], node: 'n2' },
    { type: 'conflict', addresses: ['10.9.0.1'], ...attachment(1) },
    { type: 'released', ...attachment(2), why: 'node n2 has not shown it twice' },
    { type: 'revoked', ...attachment(1), why: 'the node is dead' },
    { type: 'revoked', ...attachment(3) },
    { type: 'quarantined', addresses: ['10.9.0.1'] },
    { type: 'node.fenced', object: 'n2' },
    { type: 'node.returned', object: 'n2' },
  ]);
});
