import { Ip } from '../../../core/address/ip.ts';
import { takeConflict } from '../addresses/conflict.ts';
import { allocate } from '../allocation/allocate.ts';
import { release } from '../allocation/release.ts';
import type { Decision } from '../decision.ts';
import { putNode } from '../edits/node-edits.ts';
import { deleteRange, putRange } from '../edits/range-edits.ts';
import { putSubnet } from '../edits/subnet-edits.ts';
import { putZone } from '../edits/zone-edits.ts';
import { Ledger } from '../state/ledger.ts';
import type { AgentRecord, Write } from '../state/record.ts';
import { changesOf } from './changes.ts';
import type { Change } from './event.ts';

const start = Date.parse('2026-01-31T08:00:00Z');
const attachment = (containerId: string) => ({ network: 'net', containerId, ifname: 'eth0' });
const thief = '02:00:00:00:00:66';

/** A small ledger that keeps what is told of each decision. */
class Trial {
  readonly ledger = new Ledger();
  now = start;

  constructor() {
    this.do(putZone(this.ledger, 'real', { type: 'macvlan' }, {}));
    this.do(putSubnet(this.ledger, 'lan', { zone: 'real', cidr: '10.9.0.0/24' }, {}));
    this.do(putSubnet(this.ledger, 'six', { zone: 'real', cidr: 'fd00:9::/64' }, {}));
    this.do(putRange(this.ledger, 'four', { subnet: 'lan', start: '10.9.0.1', end: '10.9.0.9' }, {}));
    this.do(putRange(this.ledger, 'six', { subnet: 'six', start: 'fd00:9::1', end: 'fd00:9::9' }, {}));
    this.do(putNode(this.ledger, 'n1', { zone: 'real' }, {}, this.now));
  }

  do(decision: Decision<unknown>): Change[] {
    const changes = changesOf(this.ledger, decision, this.now);
    for (const write of decision.writes) {
      this.ledger.apply(write);
    }
    return changes;
  }

  write(...writes: Write[]): Change[] {
    return this.do({ writes, answer: undefined });
  }

  allocate(containerId: string, more = {}): Change[] {
    const moment = { now: this.now, id: containerId };
    return this.do(allocate(this.ledger, { node: 'n1', ...attachment(containerId), ...more }, moment));
  }

  release(containerId: string): Change[] {
    return this.do(release(this.ledger, attachment(containerId), {}, { now: this.now }));
  }

  conflict(address: string, report = {}): Change[] {
    const seen = { node: 'n1', mac: thief, ...report };
    return this.do(takeConflict(this.ledger, Ip.parse(address), seen, {}, { now: this.now }));
  }
}

const types = (changes: readonly Change[]) => changes.map(({ type }) => type);

test('an allocation and its release are an event each, with all addresses, and the release says since when', () => {
  const trial = new Trial();
  const pod = { namespace: 'shop', name: 'web-0' };
  const [allocated, ...more] = trial.allocate('c1', { pod });
  expect(more).toEqual([]);
  expect(allocated).toEqual({
    type: 'allocated',
    addresses: ['10.9.0.1', 'fd00:9::1'],
    ...attachment('c1'),
    node: 'n1',
    generation: expect.any(Number),
    mac: '0a:58:0a:09:00:01',
    pod,
  });
  trial.now += 60_000;
  expect(trial.allocate('c1')).toEqual([]);
  expect(trial.release('c1')).toEqual([
    { ...allocated, type: 'released', since: '2026-01-31T08:00:00.000Z' },
  ]);
  expect(trial.release('c1')).toEqual([]);
});

test('a conflict that its owner reports ends the allocation and begins a quarantine', () => {
  const trial = new Trial();
  trial.allocate('c1');
  const changes = trial.conflict('10.9.0.1', attachment('c1'));
  expect(types(changes)).toEqual(['released', 'conflict', 'quarantined']);
  const why = `node n1 saw it in use by ${thief}`;
  const until = '2026-01-31T09:00:00.000Z';
  expect(changes[1]).toMatchObject({ addresses: ['10.9.0.1'], ...attachment('c1'), mac: thief, why });
  expect(changes[2]).toMatchObject({ addresses: ['10.9.0.1'], why, until });
});

test('a conflict on another’s address is told at once, its quarantine when the owner goes', () => {
  const trial = new Trial();
  trial.allocate('c1');
  expect(types(trial.conflict('10.9.0.1'))).toEqual(['conflict']);
  expect(types(trial.conflict('10.9.0.1'))).toEqual(['conflict']);
  expect(types(trial.release('c1'))).toEqual(['released', 'quarantined']);
});

test('a conflict on a quarantined address is told, its quarantine not again', () => {
  const trial = new Trial();
  expect(types(trial.conflict('10.9.0.5'))).toEqual(['conflict', 'quarantined']);
  expect(types(trial.conflict('10.9.0.5'))).toEqual(['conflict']);
  trial.now += 3_600_000;
  expect(types(trial.conflict('10.9.0.5'))).toEqual(['conflict', 'quarantined']);
});

test('an edit says what was before and after; one that changes nothing is none', () => {
  const trial = new Trial();
  const before = { subnet: 'lan', start: '10.9.0.20', end: '10.9.0.29' };
  const after = { ...before, end: '10.9.0.39' };
  const { ledger } = trial;
  const about = { addresses: [], object: 'r' };
  expect(trial.do(putRange(ledger, 'r', before, {}))).toEqual([
    { type: 'range.created', ...about, after: before },
  ]);
  expect(trial.do(putRange(ledger, 'r', before, {}))).toEqual([]);
  expect(trial.do(putRange(ledger, 'r', after, {}))).toEqual([
    { type: 'range.replaced', ...about, before, after },
  ]);
  expect(trial.do(deleteRange(ledger, 'r', {}))).toEqual([
    { type: 'range.deleted', ...about, before: after },
  ]);
});

test('what a reserve takes and gives back at once is one event a node', () => {
  const trial = new Trial();
  const warm = (name: string, node: string | null, until = 1): Write => ({
    kind: 'warm',
    name,
    record: node === null ? null : { at: start, node, until },
  });
  expect(trial.write(warm('10.9.0.1', 'n1'), warm('10.9.0.2', 'n1'), warm('10.9.0.3', 'n2'))).toEqual([
    { type: 'warm', addresses: ['10.9.0.1', '10.9.0.2'], node: 'n1' },
    { type: 'warm', addresses: ['10.9.0.3'], node: 'n2' },
  ]);
  expect(trial.write(warm('10.9.0.1', 'n1', 2))).toEqual([]);
  expect(trial.write(warm('10.9.0.3', 'n1'), warm('10.9.0.2', null))).toEqual([
    { type: 'returned', addresses: ['10.9.0.3'], node: 'n2' },
    { type: 'warm', addresses: ['10.9.0.3'], node: 'n1' },
    { type: 'returned', addresses: ['10.9.0.2'], node: 'n1' },
  ]);
});

test('a reservation is an edit, and each address that it takes or frees is told', () => {
  const trial = new Trial();
  const reservation = (...addresses: string[]): Write => ({
    kind: 'reservation',
    name: 'vm',
    record: { revision: 1, spec: { addresses } },
  });
  expect(trial.write(reservation('10.9.0.5', '10.9.0.6'))).toEqual([
    {
      type: 'reservation.created',
      addresses: [],
      object: 'vm',
      after: { addresses: ['10.9.0.5', '10.9.0.6'] },
    },
    { type: 'reserved', addresses: ['10.9.0.5', '10.9.0.6'], object: 'vm' },
  ]);
  expect(trial.write(reservation('10.9.0.6', '10.9.0.7'))).toMatchObject([
    { type: 'reservation.replaced' },
    { type: 'unreserved', addresses: ['10.9.0.5'] },
    { type: 'reserved', addresses: ['10.9.0.7'] },
  ]);
  expect(trial.write({ kind: 'reservation', name: 'vm', record: null })).toMatchObject([
    { type: 'reservation.deleted' },
    { type: 'unreserved', addresses: ['10.9.0.6', '10.9.0.7'] },
  ]);
});

test('what a fenced node has to be told is revoked, with the reason', () => {
  const trial = new Trial();
  const [allocated] = trial.allocate('c1');
  const { generation = 0, addresses = [] } = allocated ?? {};
  const record: AgentRecord = {
    addresses: ['10.9.0.9'],
    suspects: [],
    revoked: [{ ...attachment('c1'), generation, addresses }],
    fencedAt: start,
  };
  const { writes } = release(trial.ledger, attachment('c1'), {}, { now: trial.now });
  const agent: Write = { kind: 'agent', name: 'n1', record };
  const changes = trial.do({ writes: [...writes, agent], answer: undefined, why: 'the node is dead' });
  expect(changes).toMatchObject([
    { type: 'revoked', ...attachment('c1'), why: 'the node is dead' },
    { type: 'reserved', addresses: ['10.9.0.9'], node: 'n1' },
    { type: 'node.fenced', object: 'n1' },
  ]);
});

test('an adopted allocation is told as that', () => {
  const trial = new Trial();
  const moment = { now: trial.now, id: 'x' };
  const decision = allocate(trial.ledger, { node: 'n1', ...attachment('c1') }, moment);
  expect(types(trial.do({ ...decision, allocatedAs: 'adopted' }))).toEqual(['adopted']);
});

test('another life of the ledger begins once, and is settled when no node is waited for', () => {
  const trial = new Trial();
  const epoch = (value: number, ...waitingFor: string[]): Write => ({
    kind: 'epoch',
    name: 'current',
    record: { value, at: start, why: 'restored', waitingFor },
  });
  expect(types(trial.write(epoch(2, 'n1', 'n2')))).toEqual(['epoch.begun']);
  expect(trial.write(epoch(2, 'n2'))).toEqual([]);
  expect(types(trial.write(epoch(2)))).toEqual(['epoch.settled']);
});
