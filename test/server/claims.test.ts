import { Ip } from '../../core/address/ip.ts';
import { reportAddress } from '../../ipam-server/ledger/addresses/address-report.ts';
import { usageOf } from '../../ipam-server/ledger/addresses/usage.ts';
import type { Write } from '../../ipam-server/ledger/state/record.ts';
import { LedgerTrial } from './ledger-trial.ts';

const reservation = (addresses: string[] | null): Write => ({
  kind: 'reservation',
  name: 'db',
  record: addresses && { revision: 9, spec: { addresses, pod: { namespace: 'shop', name: 'db-0' } } },
});
const warm = (address: string, node: string | null): Write => ({
  kind: 'warm',
  name: address,
  record: node === null ? null : { at: 1, node, until: 5_000_000 },
});
const own = (addresses: string[]): Write => ({
  kind: 'agent',
  name: 'n1',
  record: { addresses, suspects: [], revoked: [] },
});

/** The trial's shared range has 10.9.0.1 to 10.9.0.5; node n2 has no other. */
function trialWith(...writes: Write[]) {
  const trial = new LedgerTrial();
  for (const write of writes) {
    trial.write(write);
  }
  let containers = 0;
  return {
    trial,
    give: () =>
      trial.allocate({
        node: 'n2',
        network: 'net',
        containerId: `g${++containers}`,
        ifname: 'eth0',
        families: ['ipv4'],
      }),
    want: (address: string, node = 'n2') =>
      trial.allocate({
        node,
        network: 'net',
        containerId: `w${++containers}`,
        ifname: 'eth0',
        families: ['ipv4'],
        addresses: [address],
      }),
    state: (address: string) => reportAddress(trial.ledger, Ip.parse(address), trial.now),
    counts: () => {
      const network = trial.ledger.networks.get('four');
      if (network === undefined) {
        throw new Error('the trial has a subnet "four"');
      }
      return usageOf(network, trial.now).byState;
    },
  };
}

test('reserved, warm and nodes’ own addresses are not given to others, and count', () => {
  const { give, counts } = trialWith(reservation(['10.9.0.1']), warm('10.9.0.2', 'n1'), own(['10.9.0.3']));
  expect(counts()).toMatchObject({ reserved: 2, warm: 1, free: 5 });
  expect([give(), give(), give()]).toEqual([['10.9.0.4'], ['10.9.0.5'], 'RANGE_EXHAUSTED']);
});

test('each says why: GET of the address, and the refusal of who wants it', () => {
  const { want, state } = trialWith(reservation(['10.9.0.1']), warm('10.9.0.2', 'n1'), own(['10.9.0.3']));
  expect(state('10.9.0.1')).toMatchObject({ state: 'reserved', why: 'reservation db for pod shop/db-0' });
  expect(state('10.9.0.2')).toMatchObject({ state: 'warm', why: 'node n1 holds it in reserve' });
  expect(state('10.9.0.3')).toMatchObject({ state: 'reserved', why: 'it is node n1’s own' });
  expect(['10.9.0.1', '10.9.0.2', '10.9.0.3'].map((address) => want(address))).toEqual([
    'ADDRESS_RESERVED',
    'ADDRESS_WARM',
    'ADDRESS_RESERVED',
  ]);
});

test('who holds an address in reserve may give it, and it is warm no more', () => {
  const { want, counts, state } = trialWith(warm('10.9.0.2', 'n1'));
  expect(want('10.9.0.2', 'n1')).toEqual(['10.9.0.2']);
  expect(counts()).toMatchObject({ warm: 0, allocated: 1 });
  expect(state('10.9.0.2').state).toBe('allocated');
});

test('an unused address whose claim ends is free again, though later ones were given', () => {
  const { trial, give } = trialWith(reservation(['10.9.0.1']));
  expect([give(), give()]).toEqual([['10.9.0.2'], ['10.9.0.3']]);
  trial.write(reservation(null));
  expect([give(), give()]).toEqual([['10.9.0.1'], ['10.9.0.4']]);
});

test('a released address that was claimed meanwhile comes back to its place in the queue', () => {
  const { trial, give, want } = trialWith();
  const key = (n: number) => ({ network: 'net', containerId: `g${n}`, ifname: 'eth0' });
  for (let i = 0; i < 5; i++) {
    give();
  }
  for (const n of [2, 1, 3]) {
    trial.release(key(n));
    trial.now++;
  }
  trial.write(reservation(['10.9.0.2']));
  expect(want('10.9.0.2')).toBe('ADDRESS_RESERVED');
  trial.write(reservation(null));
  trial.now += 3_600_000;
  expect([give(), give(), give()]).toEqual([['10.9.0.2'], ['10.9.0.1'], ['10.9.0.3']]);
});

test('quarantine comes before a claim while it lasts, and totals stay equal', () => {
  const { trial, counts, state } = trialWith(reservation(['10.9.0.1']));
  trial.conflict('10.9.0.1', 'n1');
  expect(state('10.9.0.1').state).toBe('quarantined');
  expect(counts()).toMatchObject({ reserved: 0, quarantined: 1 });
  trial.now += 3_600_000;
  expect(state('10.9.0.1').state).toBe('reserved');
  expect(counts()).toMatchObject({ reserved: 1, quarantined: 0 });
});

test('a conflict on an address in reserve takes it out of the reserve', () => {
  const { trial, counts } = trialWith(warm('10.9.0.2', 'n1'));
  expect(trial.conflict('10.9.0.2', 'n1')).toBe('quarantined');
  trial.now += 3_600_000;
  expect(counts()).toMatchObject({ warm: 0, quarantined: 0, free: 8 });
});

test('a range made around claimed addresses counts them, as does a restarted server', () => {
  const { trial, counts } = trialWith(reservation(['10.9.0.6', '10.9.0.1']), warm('10.9.0.7', 'n1'));
  trial.addRange('late', { subnet: 'four', start: '10.9.0.6', end: '10.9.0.7' });
  expect(counts()).toMatchObject({ reserved: 2, warm: 1 });
  const network = trial.restarted().networks.get('four');
  expect(network && usageOf(network, trial.now).byState).toEqual(counts());
});
